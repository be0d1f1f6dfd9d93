import type { App } from '../../app.ts';
import { subject } from '../../audit/subject.ts';
import { fileName } from '../../domain/file-name.ts';
import type { Job } from '../../domain/job.ts';
import { cropFaces } from '../../imaging/crop.ts';
import { decodeBudget } from '../../imaging/decode-budget.ts';
import { IMAGE_FORMATS, sniffFormat } from '../../imaging/format.ts';
import type { FacePlace } from '../../results/pair-view.ts';
import { containers } from '../../storage/names.ts';
import type { Handler } from '../call.ts';
import { ApiError, notFound } from '../problem.ts';
import { hasVersion } from '../reply.ts';

/** What a browser keeps it asks about before it shows it in a page that is loaded: an image can be erased, a face be cut anew. */
const CHECKED = 'private, no-cache';

/** What browsers show. The working image of anything else is a rendition in JPEG. */
const SHOWN = new Set(['jpeg', 'png', 'gif', 'webp', 'bmp']);

/**
 * Everything that is streamed is named by a row, and read from the place that the row says: a caller names a job or a
 * face, never a blob.
 */
export const imageContent: Handler<'imageContent'> = async ({ app, params: { id }, request, signal }) => {
  const job = await jobOf(app, id);
  const etag = `w-${job.source.etag}`;
  if (hasVersion(request, etag)) return { unchanged: true, etag, cacheControl: CHECKED };
  const bytes = await workingImage(app, job, signal);
  return { bytes, contentType: shownType(bytes), etag, cacheControl: CHECKED };
};

export const imageThumbnail: Handler<'imageThumbnail'> = async ({
  app,
  parts,
  params: { id },
  request,
  signal,
}) => {
  const job = await jobOf(app, id);
  const etag = `t-${job.source.etag}`;
  if (hasVersion(request, etag)) return { unchanged: true, etag, cacheControl: CHECKED };
  const bytes = await parts.thumbnails.of(`${id} ${etag}`, () => workingImage(app, job, signal));
  return { bytes, contentType: 'image/jpeg', etag, cacheControl: CHECKED };
};

export const imageOriginal: Handler<'imageOriginal'> = async ({ app, person, params: { id }, signal }) => {
  const { source, imageUrl } = await jobOf(app, id, false);
  const content = await app.storage.blobs.read(source.container, source.name, {
    ifMatch: source.etag,
    signal,
  });
  if (content === 'changed' || content === undefined || content === 'too large') throw changed();
  await app.audit.record({ who: person.name, action: 'original.downloaded', about: [subject.image(id)] });
  return {
    bytes: content.bytes,
    // Whatever was uploaded is saved and never shown: it may be anything.
    contentType: 'application/octet-stream',
    etag: `o-${source.etag}`,
    cacheControl: CHECKED,
    saveAs: fileName(imageUrl),
  };
};

export const faceCrop: Handler<'faceCrop'> = async ({ app, params: { face: key }, signal }) => {
  const results = await app.results();
  const [face] = await results.faces([key]);
  if (face?.crop === undefined) throw notFound('crop');
  const kept = await app.storage.blobs.read(containers.faces, face.crop, { signal });
  const content = typeof kept === 'object' ? kept : await cutAgain(app, face, face.crop, signal);
  return {
    bytes: content.bytes,
    contentType: shownType(content.bytes),
    etag: `c-${content.etag}`,
    cacheControl: CHECKED,
  };
};

/** A crop that somebody, or a lifecycle rule, has deleted is cut again from the image. */
async function cutAgain(
  app: App,
  { imageId, rectangle }: FacePlace,
  name: string,
  signal: AbortSignal,
): Promise<{ bytes: Buffer; etag: string }> {
  const job = await jobOf(app, imageId);
  const working = await workingImage(app, job, signal);
  const size = { width: job.image?.width ?? 0, height: job.image?.height ?? 0 };
  const [cut] = await decodeBudget.piece(() => cropFaces(working, size, [rectangle]));
  if (!cut) throw notFound('crop');
  const { bytes, contentType } = cut;
  const etag = await app.storage.blobs.write(containers.faces, name, bytes, contentType);
  // An erasure that came between has looked for crops already.
  if (await app.storage.blobs.head(job.source.container, job.source.name)) return { bytes, etag };
  await app.storage.blobs.delete(containers.faces, name);
  throw notFound('crop');
}

async function jobOf(app: App, id: string, decoded = true): Promise<Job> {
  const batchId = await app.journal.batchOf(id);
  const entry = batchId === undefined ? undefined : await app.journal.read(batchId, id);
  if (!entry || entry.job.erasedAt !== undefined) throw notFound('image');
  if (decoded && !entry.job.image) {
    throw new ApiError(
      404,
      'NoPicture',
      'This file could not be read as an image, so there is none to show.',
    );
  }
  return entry.job;
}

async function workingImage(app: App, job: Job, signal: AbortSignal): Promise<Buffer> {
  const bytes = await app.imageOf(job.batchId, job.id, signal);
  if (!bytes) throw changed();
  return bytes;
}

const changed = () =>
  new ApiError(
    410,
    'ImageChanged',
    'This image was deleted, or overwritten by a newer one, after it was taken in.',
  );

function shownType(bytes: Buffer): string {
  const sniffed = sniffFormat(bytes);
  if (sniffed.kind === 'accepted' && SHOWN.has(sniffed.format))
    return IMAGE_FORMATS[sniffed.format].contentType;
  throw new ApiError(
    404,
    'NoPicture',
    'This image is in a format that browsers do not show: save the original.',
  );
}
