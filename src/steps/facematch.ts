import { z } from 'zod';
import { PermanentError, UnavailableError } from '../domain/errors.ts';
import { jobKey } from '../domain/job-id.ts';
import { FIRST_MODEL } from '../domain/recognition-model.ts';
import type { Settings } from '../domain/settings.ts';
import { defineStep } from '../domain/step.ts';
import { barredForNow, expectMatching, requireMatching } from '../pipeline/admission/current-consent.ts';
import { FaceIdExpiredError } from '../vision/errors.ts';
import type { Face } from '../vision/face.ts';
import type { Place } from '../vision/gallery/face-index.ts';
import { ownFaceKey } from './face-keys.ts';
import { keepFaceSuggestions } from './face-suggestions.ts';
import { rectangleSchema } from './facedetection.ts';
import { type Faceprints, printFaces } from './faceprint.ts';
import type { StepServices } from './services.ts';

export const matchesSchema = z.looseObject({
  /** Possible matches, for a human to decide: best first within each face. */
  matches: z.array(
    z.looseObject({
      /** Job id of the other image. */
      id: z.string(),
      batch_id: z.string(),
      image_url: z.string(),
      /** Of the other face, in its image. */
      face_rectangle: rectangleSchema,
      other_face_key: z.string(),
      /** Face of this image. */
      face_key: z.string(),
      /** 0 to 1, as the service gave it. */
      confidence: z.number(),
      /** How far the next best candidate lies below. */
      margin: z.number().optional(),
    }),
  ),
  /** The model that compared them. Absent: the only one there was. */
  model: z.string().optional(),
  /** What became of each face of this image. */
  faces: z.array(
    z.looseObject({ faceKey: z.string(), enrolled: z.boolean(), reason: z.string().optional() }),
  ),
});
export type Matches = z.infer<typeof matchesSchema>;

/** Most matches reported of one face. */
export const MAX_MATCHES = 100;

/**
 * Enrols the faces, then finds other photographs that show them. In this order, of two photographs in flight at once at
 * least one sees the other.
 */
export const facematch = (services: Pick<StepServices, 'recognition' | 'gallery' | 'batches'>) =>
  defineStep<Matches, { faceprint: Faceprints }>({
    name: 'facematch',
    needs: ['faceprint'],
    schema: matchesSchema,
    title: 'Possible matches',
    summary: 'Finds other photographs that may show the same faces.',
    service: 'Face',
    mentions: true,
    biometric: true,
    keepSuggestions: keepFaceSuggestions,
    isIdle: ({ faceprint }) => faceprint.faces.length === 0,
    run: async ({ job, image, output, settings, signal }) => {
      const { face: service, gallery } = await services.recognition();
      const mayBeMatched = (asked: typeof requireMatching | typeof expectMatching) =>
        asked(job, services).catch(async (error: unknown) => {
          // Matching is forbidden: an earlier delivery may have enrolled faces before it ended, and they must go as well.
          // Whoever forbids it records that first and then withdraws the faces that are enrolled, so none is left between.
          // Any other error only means that nobody could be asked, and another delivery may have finished this job.
          if (error instanceof UnavailableError) await takeOut(services, job.id, signal);
          throw error;
        });
      await mayBeMatched(expectMatching);
      const faces = output.faceprint.faces.map((face) => ({
        ...face,
        faceKey: ownFaceKey(job.id, face.faceKey),
      }));
      const judged = faces.map((face) => ({ face, reason: distrust(face, settings) }));
      const trusted = judged.filter(({ reason }) => reason === undefined).map(({ face }) => face);
      const keys = trusted.map((face) => face.faceKey);
      // Of a first run all deliveries are given the same faces: of none, none can have been enrolled.
      const there =
        faces.length > 0 || job.run > 0
          ? await services.gallery().keepOnly(jobKey(job.id), keys, signal)
          : undefined;
      const about = { jobId: job.id, batchId: job.batchId, imageUrl: image.url };
      const refused = new Map<string, string>();
      const own: Place[] = [];
      for (const { faceKey: key, faceRectangle: rectangle } of trusted) {
        const identity = { key, ...about, rectangle };
        try {
          const known = there?.get(gallery.index);
          own.push(...(await gallery.enrol(identity, await image.bytes(), signal, known)));
        } catch (error) {
          // The service sees no face where it saw one before: the image's other faces are no worse for it.
          if (!(error instanceof PermanentError)) throw error;
          refused.set(key, error.code);
        }
      }
      // Where nothing was to be enrolled, nothing can have been forbidden in between.
      if (trusted.length > 0) await mayBeMatched(requireMatching);
      // Who writes the row asks again, before and after.
      const isBarred = barredForNow(services);
      const enrolled = trusted.filter(({ faceKey }) => !refused.has(faceKey));
      // A print by another model than that of the lists is none to search with.
      const isPrinted = (output.faceprint.model ?? FIRST_MODEL) === service.model;
      const found = await gallery.findEach(
        enrolled.map((face) => face.faceKey),
        idsThatLast(service, enrolled, isPrinted, image.bytes, signal),
        { jobKey: jobKey(job.id), imageUrl: image.url, max: MAX_MATCHES, own, isBarred },
        signal,
      );
      const matches = [...found].flatMap(([face_key, others]) =>
        others.map(({ faceKey, jobId, batchId, imageUrl, rectangle, confidence, margin }) => ({
          id: jobId,
          batch_id: batchId,
          image_url: imageUrl,
          face_rectangle: rectangle,
          other_face_key: faceKey,
          face_key,
          confidence,
          ...(margin !== undefined && { margin }),
        })),
      );
      return {
        model: service.model,
        matches,
        faces: judged.map(({ face: { faceKey }, reason = refused.get(faceKey) }) => ({
          faceKey,
          enrolled: reason === undefined,
          ...(reason !== undefined && { reason }),
        })),
      };
    },
    withdraw: ({ job, signal }) => takeOut(services, job.id, signal),
    retract: ({ job, signal }) => takeOut(services, job.id, signal),
  });

async function takeOut(
  services: Pick<StepServices, 'gallery'>,
  jobId: string,
  signal: AbortSignal,
): Promise<void> {
  await services.gallery().keepOnly(jobKey(jobId), [], signal);
}

/** Why a face is too small or too poor to be compared, or undefined where it is not. */
function distrust(face: Faceprints['faces'][number], settings: Settings): string | undefined {
  const side = Math.min(face.faceRectangle.width, face.faceRectangle.height);
  if (side < settings.FACE_MIN_SIZE) return `smaller than ${settings.FACE_MIN_SIZE} pixels`;
  if (face.faceId === undefined) return 'not seen again by recognition';
  if (face.quality === 'low') return 'quality too low for recognition';
  return undefined;
}

/** Searches with the recorded face ids, and with fresh ones once the service has forgotten those. */
function idsThatLast(
  service: Face,
  faces: Faceprints['faces'],
  isPrinted: boolean,
  bytes: () => Promise<Buffer>,
  signal: AbortSignal,
) {
  let ids = isPrinted ? new Map(faces.map((face) => [face.faceKey, face.faceId])) : undefined;
  const printAnew = async () => {
    const again = await printFaces(service, await bytes(), faces, signal);
    ids = new Map(again.map((face) => [face.faceKey, face.faceId]));
    return ids;
  };
  return async <T>(faceKey: string, find: (faceId: string) => Promise<T[]>): Promise<T[]> => {
    const known = (ids ?? (await printAnew())).get(faceKey);
    // It was not seen again when all were printed anew.
    if (known === undefined) return [];
    try {
      return await find(known);
    } catch (error) {
      if (!(error instanceof FaceIdExpiredError)) throw error;
      const faceId = (await printAnew()).get(faceKey);
      return faceId === undefined ? [] : find(faceId);
    }
  };
}
