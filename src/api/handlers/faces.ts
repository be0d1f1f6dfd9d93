import { subject } from '../../audit/subject.ts';
import { fileName } from '../../domain/file-name.ts';
import { inspectImage } from '../../imaging/inspect.ts';
import { makeRendition } from '../../imaging/rendition.ts';
import { marginsToNextPerson } from '../../people/margin.ts';
import { barredFromSearch } from '../../pipeline/admission/current-consent.ts';
import type { Handler } from '../call.ts';
import { groupsOfPairs, matchesSeenFrom, toPlace, worthIn } from '../matches.ts';
import { ApiError, notFound } from '../problem.ts';
import { readFiles } from '../read-files.ts';

/** Faces of one photograph that are searched for, largest first, and matches of each. */
const FACES_SEARCHED = 10;
const MATCHES_SHOWN = 20;
/** The shortest time after which the Face service forgets a faceprint. */
const FACEPRINT_SECONDS = 60;

const WORDS = { confirmed: 'same', notSame: 'different', undecided: 'undecided' } as const;

export const faceMatches: Handler<'faceMatches'> = async ({ app, person, params: { face } }) => {
  const results = await app.results();
  const [place] = await results.faces([face]);
  if (!place) throw notFound('face');
  const pairs = await results.decisions.ofFace(face);
  await app.audit.record({
    who: person.name,
    action: 'face.matches.read',
    about: [subject.face(face)],
    detail: { matches: pairs.length },
  });
  return {
    face,
    imageId: place.imageId,
    ...matchesSeenFrom(
      pairs,
      (one) => one.face === face,
      await worthIn(app),
      await groupsOfPairs(app, pairs),
    ),
  };
};

export const decide: Handler<'decide'> = async ({
  app,
  person,
  params: { face, other },
  body: { verdict, outsideReview, seen },
}) => {
  if (face === other) throw new ApiError(422, 'SameFace', 'A pair is two different faces.');
  if (!outsideReview) {
    const { pairs } = (await app.calibration()).measuring;
    if (await pairs.answer(person, [face, other], WORDS[verdict]))
      return { verdict, by: person.name, at: new Date(app.clock()).toISOString() };
  }
  return (await app.people()).decidePair(face, other, verdict, { by: person.name }, seen);
};

/** Detects and finds, as facematch does, but enrols nothing and writes nothing. */
export const faceSearch: Handler<'faceSearch'> = async ({ app, person, request, signal }) => {
  const { settings } = app;
  let photograph: Buffer | undefined;
  for await (const file of readFiles(request, { maxFiles: 1, maxBytes: settings.MAX_IMAGE_BYTES })) {
    if (file.truncated) {
      const most = settings.MAX_IMAGE_BYTES;
      throw new ApiError(
        413,
        'ImageTooManyBytes',
        `The photograph has more than ${most} bytes: send a smaller one.`,
      );
    }
    photograph = file.bytes;
  }
  if (!photograph)
    throw new ApiError(400, 'FileExpected', 'Send one photograph as a file of multipart/form-data.');
  const inspection = await inspectImage(photograph, {
    maxBytes: settings.MAX_IMAGE_BYTES,
    maxPixels: settings.MAX_IMAGE_PIXELS,
  });
  const image = inspection.rendition
    ? await makeRendition(photograph, inspection)
    : { bytes: photograph, width: inspection.width, height: inspection.height };
  const { face: service, gallery } = await app.recognition();
  const detected = await service.detect(
    image.bytes,
    { faceId: true, faceIdSeconds: FACEPRINT_SECONDS, attributes: ['qualityForRecognition'] },
    signal,
  );
  const results = await app.results();
  const isBarred = barredFromSearch(app);
  const worth = await worthIn(app);
  const people = await app.people();
  const faces = [];
  for (const { faceId, faceRectangle, faceAttributes } of detected.slice(0, FACES_SEARCHED)) {
    const found =
      faceId === undefined
        ? []
        : await gallery.find(faceId, { jobKey: '', imageUrl: '', max: MATCHES_SHOWN, isBarred }, signal);
    const places = new Map(
      (await results.faces(found.map(({ faceKey }) => faceKey))).map((place) => [place.face, place]),
    );
    const groups = await people.groups.idsOf(places.keys());
    const margins = marginsToNextPerson(
      found.map(({ faceKey, confidence, margin }) => ({
        group: groups.get(faceKey) ?? faceKey,
        confidence,
        margin,
      })),
    );
    const { left, top, width, height } = faceRectangle;
    faces.push({
      rectangle: { left, top, width, height },
      quality: faceAttributes?.qualityForRecognition?.toLowerCase() ?? null,
      compared: faceId !== undefined,
      matches: found.map((match, index) => {
        const place = places.get(match.faceKey);
        return {
          // An image under way has no row yet; the gallery knows where its face is.
          other: place
            ? toPlace(place)
            : {
                face: match.faceKey,
                imageId: match.jobId,
                batchId: match.batchId,
                name: fileName(match.imageUrl),
                rectangle: match.rectangle,
                hasCrop: false,
                imageWidth: null,
                imageHeight: null,
              },
          confidence: match.confidence,
          margin: margins[index] ?? null,
          worth: worth(match.confidence),
        };
      }),
      more: found.length === MATCHES_SHOWN,
    });
  }
  const shown = faces.flatMap(({ matches }) => matches.map(({ other }) => subject.face(other.face)));
  await app.audit.record({
    who: person.name,
    action: 'face.searched',
    about: [...new Set(shown)],
    detail: { faces: faces.length, matches: shown.length },
  });
  const notSearched = detected.length - faces.length;
  return { width: image.width, height: image.height, faces, notSearched };
};
