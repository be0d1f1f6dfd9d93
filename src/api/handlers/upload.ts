import { IMAGE_FORMATS } from '../../imaging/format.ts';
import type { Blobs } from '../../storage/blobs.ts';
import { containers } from '../../storage/names.ts';
import type { Handler } from '../call.ts';
import type { UploadedFile } from '../contract.ts';
import {
  accepted,
  batchIdOf,
  blobNameOf,
  formatOf,
  MAX_NAMESAKES,
  refused,
  sizeRefusal,
  tooManyNamesakes,
} from '../incoming-file.ts';
import { ApiError } from '../problem.ts';
import { type FormFile, readFiles } from '../read-files.ts';

/** Files in one request. */
const MAX_FILES = 200;

/** Takes photographs in, each by itself: one that is refused says why and keeps no other from being taken. */
export const upload: Handler<'upload'> = async ({ app, query, request }) => {
  const batchId = batchIdOf(query.batch);
  const files: UploadedFile[] = [];
  const limits = { maxFiles: MAX_FILES, maxBytes: app.settings.MAX_IMAGE_BYTES };
  for await (const file of readFiles(request, limits)) {
    files.push(await takeIn(file, batchId, app.storage.blobs, limits.maxBytes));
  }
  if (files.length === 0) {
    throw new ApiError(400, 'FileExpected', 'There is no file in the form: add at least one.');
  }
  return { batchId, files };
};

async function takeIn(
  { name, bytes, truncated }: FormFile,
  batchId: string,
  blobs: Blobs,
  maxBytes: number,
): Promise<UploadedFile> {
  const format = sizeRefusal(truncated ? maxBytes + 1 : bytes.length, maxBytes) ?? formatOf(bytes);
  if (typeof format === 'object') return refused(name, format);
  const { contentType } = IMAGE_FORMATS[format];
  for (let number = 1; number <= MAX_NAMESAKES; number++) {
    const blobName = blobNameOf(batchId, name, format, number);
    // Never over another photograph: that one would be lost.
    const etag =
      (await blobs.create(containers.input, blobName, bytes, contentType)) ??
      (await etagIfSame(blobs, blobName, bytes));
    if (etag !== undefined) return accepted(name, blobName, etag);
  }
  return refused(name, tooManyNamesakes);
}

/** The same photograph sent again (a retry, say) is the one that is there. */
async function etagIfSame(blobs: Blobs, name: string, bytes: Buffer): Promise<string | undefined> {
  const head = await blobs.head(containers.input, name);
  if (head?.bytes !== bytes.length) return undefined;
  const there = await blobs.read(containers.input, name, { ifMatch: head.etag });
  return typeof there === 'object' && there.bytes.equals(bytes) ? head.etag : undefined;
}
