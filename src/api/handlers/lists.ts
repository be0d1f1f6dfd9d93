import { fileName } from '../../domain/file-name.ts';
import type { BatchTotals } from '../../results/counts.ts';
import type { ImageSummary } from '../../results/rows.ts';
import { containers } from '../../storage/names.ts';
import type { Handler } from '../call.ts';
import { fromCursor, imagePosition, oneName, toCursor } from '../cursor.ts';
import { shownTo } from '../enquiry-photographs.ts';
import { toFilter } from '../image-filter.ts';
import { notFound } from '../problem.ts';
import { toBatchConsent } from './batch-settings.ts';

export const listImages: Handler<'listImages'> = async ({
  app,
  person,
  query: { after, limit, ...filter },
}) => {
  const [finishedAt, id, spelling] = after === undefined ? [] : fromCursor(after, imagePosition);
  const results = await app.results();
  const page = await results.summaries({
    ...toFilter(filter),
    ...(finishedAt !== undefined &&
      id !== undefined && { after: { finishedAt, id, ...(spelling && { spelling }) } }),
    limit,
  });
  return {
    images: shownTo(person, page.images).map(toSummary),
    next:
      page.next === undefined
        ? null
        : toCursor([page.next.finishedAt, page.next.id, ...(page.next.spelling ? [page.next.spelling] : [])]),
  };
};

const toSummary = ({ imageUrl, reason, caption, width, height, focus, ...image }: ImageSummary) => ({
  ...image,
  focus: focus ?? null,
  name: fileName(imageUrl),
  reason: reason ?? null,
  caption: caption ?? null,
  width: width ?? null,
  height: height ?? null,
});

export const imageFacets: Handler<'imageFacets'> = async ({ app, query: { limit, ...filter } }) => {
  const { more, ...facets } = await (await app.results()).facets(toFilter(filter), limit);
  return { ...facets, imagesIsMinimum: more };
};

export const listBatches: Handler<'listBatches'> = async ({
  app,
  person,
  query: { prefix, after, limit },
}) => {
  const [name] = after === undefined ? [] : fromCursor(after, oneName);
  const { counts } = await app.results();
  const found = await counts.batches({
    ...(prefix !== undefined && { prefix }),
    ...(name !== undefined && { after: name }),
    limit,
  });
  const last = found.length === limit ? found.at(-1) : undefined;
  const batches = shownTo(person, found);
  const settings = await Promise.all(batches.map(({ batchId }) => app.batches.get(batchId)));
  return {
    batches: batches.map((batch, index) => {
      const setting = settings[index];
      return { ...toBatch(batch), settings: setting ? toBatchConsent(setting) : null };
    }),
    next: last ? toCursor([last.batchId]) : null,
  };
};

const toBatch = ({ latest, ...batch }: BatchTotals) => ({ ...batch, latest: latest ?? null });

export const getBatch: Handler<'getBatch'> = async ({ app, parts, params: { batch: batchId } }) => {
  const { counts } = await app.results();
  const done = await counts.batch(batchId);
  const [{ images, more }, setting] = await Promise.all([
    parts.accepted.of(batchId),
    app.batches.get(batchId),
  ]);
  if (images === 0 && done.images === 0 && !setting) {
    // Its first file is there before the event that makes an image of it has been worked on.
    const { blobs } = await app.storage.blobs.page(containers.input, { prefix: `${batchId}/`, size: 1 });
    if (blobs.length === 0) throw notFound('batch');
  }
  // Old results may have no journal row; every result was accepted once.
  const accepted = Math.max(images, done.images);
  return {
    ...toBatch(done),
    accepted,
    acceptedIsMinimum: more,
    underWay: accepted - done.images,
    settings: setting ? toBatchConsent(setting) : null,
  };
};

export const listTags: Handler<'listTags'> = async ({ app, query: { kind, prefix, limit } }) => {
  const { counts } = await app.results();
  return {
    tags: await counts.names({ kind, limit, ...(prefix !== undefined && { prefix: prefix.toLowerCase() }) }),
  };
};
