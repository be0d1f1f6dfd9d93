import { addPhotograph, changeEnquiry, endEnquiry, openEnquiry } from '../../admin/enquiry.ts';
import { subject } from '../../audit/subject.ts';
import { enquiryBatch } from '../../domain/enquiry-batch.ts';
import { PermanentError } from '../../domain/errors.ts';
import type { Enquiry } from '../../people/enquiry/enquiry.ts';
import { TRANSITIONS } from '../../people/enquiry/state.ts';
import type { Handler } from '../call.ts';
import type { Enquiry as EnquiryView } from '../contract.ts';
import { fromCursor, timeAndId, toCursor } from '../cursor.ts';
import { ApiError, notFound } from '../problem.ts';
import { readFiles } from '../read-files.ts';

/** Photographs in one request. */
const MAX_FILES = 50;

const toEnquiryView = (enquiry: Enquiry): EnquiryView => ({
  id: enquiry.id,
  state: enquiry.state,
  reason: enquiry.reason ?? null,
  caseReference: enquiry.caseReference ?? null,
  askedBy: enquiry.askedBy ?? null,
  sought: enquiry.sought ?? null,
  relation: enquiry.relation ?? null,
  owner: enquiry.owner ?? null,
  office: enquiry.office ?? null,
  purpose: enquiry.purpose,
  legalBasis: enquiry.legalBasis,
  expires: enquiry.expires ?? null,
  minor: enquiry.minor,
  openedBy: enquiry.openedBy,
  openedAt: enquiry.openedAt,
  changedAt: enquiry.changedAt,
  version: enquiry.version,
  next: [...TRANSITIONS[enquiry.state]],
});

export const listEnquiries: Handler<'listEnquiries'> = async ({ app, query }) => {
  const { state, caseReference, owner, search, ended, after, limit } = query;
  const [openedAt, id] = after === undefined ? [] : fromCursor(after, timeAndId);
  const enquiries = await (await app.enquiries()).list({
    ...(state !== undefined && { state }),
    ...(caseReference !== undefined && { caseReference }),
    ...(owner !== undefined && { owner }),
    ...(search !== undefined && { search }),
    ...(ended !== undefined && { ended: ended === 'true' }),
    ...(openedAt !== undefined && id !== undefined && { after: { openedAt, id } }),
    limit,
  });
  const last = enquiries.length === limit ? enquiries.at(-1) : undefined;
  return {
    enquiries: enquiries.map(toEnquiryView),
    next: last ? toCursor([last.openedAt, last.id]) : null,
  };
};

export const openEnquiryHere: Handler<'openEnquiry'> = async ({ app, person, body }) => {
  const { id, caseReference, askedBy, sought, relation, office, expires, ...more } = body;
  const { owner = person.name, ...rest } = more;
  const values = {
    ...rest,
    owner,
    ...(caseReference !== undefined && { caseReference }),
    ...(askedBy !== undefined && { askedBy }),
    ...(sought !== undefined && { sought }),
    ...(relation !== undefined && { relation }),
    ...(office !== undefined && { office }),
    ...(expires !== undefined && { expires: new Date(expires).toISOString() }),
  };
  return toEnquiryView(await openEnquiry(values, person.name, app, id));
};

export const getEnquiry: Handler<'getEnquiry'> = async ({ app, person, params: { enquiry: id } }) => {
  const enquiries = await app.enquiries();
  const enquiry = await enquiries.get(id);
  if (!enquiry) throw notFound('enquiry');
  const [photographs, leftOut, counts, results] = await Promise.all([
    enquiries.photographs(id),
    enquiries.leftOut(id),
    (await app.candidates()).counts(id, person),
    app.results(),
  ]);
  const rows = await Promise.all(photographs.map(({ imageId }) => results.get(imageId)));
  await app.audit.record({ who: person.name, action: 'enquiry.read', about: [subject.enquiry(id)] });
  return {
    ...toEnquiryView(enquiry),
    batchId: enquiryBatch(id),
    photographs: photographs.map(({ imageId, taken, addedBy, addedAt }, index) => ({
      imageId,
      taken: taken ?? null,
      addedBy,
      addedAt,
      status: rows[index]?.status ?? null,
      faces: (rows[index]?.faces ?? []).map(({ key, rectangle, crop, quality, enrolled }) => ({
        face: key,
        rectangle,
        hasCrop: crop !== undefined,
        quality: quality ?? null,
        enrolled,
        sought: !leftOut.has(key),
      })),
    })),
    ...counts,
  };
};

export const changeEnquiryHere: Handler<'changeEnquiry'> = async ({
  app,
  person,
  params: { enquiry: id },
  body: { version, expires, ...change },
}) => {
  const until = expires === undefined || expires === null ? expires : new Date(expires).toISOString();
  return toEnquiryView(await changeEnquiry(id, { ...change, expires: until }, person.name, app, version));
};

export const endEnquiryHere: Handler<'endEnquiry'> = async ({
  app,
  person,
  params: { enquiry: id },
  body: { state: to, reason, version },
  signal,
  log,
}) => {
  const ending = { to, reason, ...(version !== undefined && { version }) };
  const enquiry = await endEnquiry(id, ending, person.name, app, signal);
  // What was withheld is told now.
  if (to === 'open') app.telling.nudge(log, signal);
  return toEnquiryView(enquiry);
};

export const noteEnquiry: Handler<'noteEnquiry'> = async ({
  app,
  person,
  params: { enquiry: id },
  body: { id: chosen, note },
}) => toEnquiryView(await (await app.enquiries()).note(id, note, person.name, chosen));

/** Takes photographs in, each by itself: one that is refused says why and keeps no other from being taken. */
export const addEnquiryPhotographs: Handler<'addEnquiryPhotographs'> = async ({
  app,
  person,
  params: { enquiry: id },
  query: { taken },
  request,
}) => {
  const photographs = [];
  const limits = { maxFiles: MAX_FILES, maxBytes: app.settings.MAX_IMAGE_BYTES };
  for await (const { name, bytes, truncated } of readFiles(request, limits)) {
    try {
      if (truncated)
        throw new PermanentError(
          'ImageTooManyBytes',
          `The file has more than ${limits.maxBytes} bytes. Make it smaller.`,
        );
      const given = { bytes, ...(taken !== undefined && { taken }) };
      photographs.push({ name, imageId: await addPhotograph(id, given, person.name, app), problem: null });
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      photographs.push({ name, imageId: null, problem: { code: error.code, detail: error.message } });
    }
  }
  if (photographs.length === 0)
    throw new ApiError(400, 'FileExpected', 'There is no file in the form: add at least one.');
  return { photographs };
};

export const seekFace: Handler<'seekFace'> = async ({
  app,
  person,
  params: { enquiry: id, face },
  body: { sought },
}) => {
  const [place] = await (await app.results()).faces([face]);
  if (place?.batchId !== enquiryBatch(id)) throw notFound('face of this enquiry');
  const at = { key: face, imageId: place.imageId };
  return toEnquiryView(await (await app.enquiries()).seekFace(id, at, sought, person.name));
};

export const listEnquiryEvents: Handler<'listEnquiryEvents'> = async ({
  app,
  person,
  params: { enquiry: id },
  query: { after, limit },
}) => {
  const enquiries = await app.enquiries();
  if (!(await enquiries.get(id))) throw notFound('enquiry');
  const [at, event] = after === undefined ? [] : fromCursor(after, timeAndId);
  const events = await enquiries.events(id, {
    limit,
    reader: person,
    ...(at !== undefined && event !== undefined && { after: { at, id: event } }),
  });
  const last = events.length === limit ? events.at(-1) : undefined;
  return {
    events: events.map(({ candidate, from, to, note, ...rest }) => ({
      ...rest,
      candidate: candidate ?? null,
      from: from ?? null,
      to: to ?? null,
      note: note ?? null,
    })),
    next: last ? toCursor([last.at, last.id]) : null,
  };
};
