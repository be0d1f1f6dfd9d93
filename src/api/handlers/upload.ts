import { jobIdOf } from '../../domain/job-id.ts';
import { IMAGE_FORMATS, sniffFormat } from '../../imaging/format.ts';
import type { Blobs } from '../../storage/blobs.ts';
import { containers } from '../../storage/names.ts';
import { batchFolder, blobFileName, numbered } from '../blob-name.ts';
import type { Handler } from '../call.ts';
import type { UploadedFile } from '../contract.ts';
import { ApiError } from '../problem.ts';
import { type FormFile, readFiles } from '../read-files.ts';

/** Files in one request. */
const MAX_FILES = 200;
/** Other photographs of the same name in the same batch, before a name is refused. */
const MAX_NAMESAKES = 1000;

/** Takes photographs in, each by itself: one that is refused says why and keeps no other from being taken. */
export const upload: Handler<'upload'> = async ({ app, query, request }) => {
  const batchId = batchFolder(query.batch);
  if (batchId === '') {
    throw new ApiError(
      400,
      'InvalidInput',
      'The name of the batch has no letter or digit in it: give it another.',
    );
  }
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
  const refused = (code: string, detail: string): UploadedFile => ({
    name,
    accepted: false,
    blobName: null,
    id: null,
    problem: { code, detail },
  });
  if (truncated) {
    return refused('ImageTooManyBytes', `The file has more than ${maxBytes} bytes. Make it smaller.`);
  }
  if (bytes.length === 0) return refused('EmptyImage', 'The file is empty: nothing was uploaded.');
  const sniffed = sniffFormat(bytes);
  if (sniffed.kind !== 'accepted') {
    const known = Object.values(IMAGE_FORMATS).map((format) => format.name);
    return refused(
      sniffed.kind === 'otherImage' ? 'UnsupportedImageFormat' : 'NotAnImage',
      `The file holds ${sniffed.name}. Accepted are ${known.join(', ')}.`,
    );
  }
  const { contentType } = IMAGE_FORMATS[sniffed.format];
  const wanted = blobFileName(name, sniffed.format);
  for (let number = 1; number <= MAX_NAMESAKES; number++) {
    const blobName = `${batchId}/${numbered(wanted, number)}`;
    // Never over another photograph: that one would be lost.
    const etag =
      (await blobs.create(containers.input, blobName, bytes, contentType)) ??
      (await etagIfSame(blobs, blobName, bytes));
    if (etag === undefined) continue;
    const id = jobIdOf(containers.input, blobName, etag);
    return { name, accepted: true, blobName, id, problem: null };
  }
  return refused('TooManyNamesakes', 'The batch has too many other files of this name: rename it.');
}

/** The same photograph sent again (a retry, say) is the one that is there. */
async function etagIfSame(blobs: Blobs, name: string, bytes: Buffer): Promise<string | undefined> {
  const head = await blobs.head(containers.input, name);
  if (head?.bytes !== bytes.length) return undefined;
  const there = await blobs.read(containers.input, name, { ifMatch: head.etag });
  return typeof there === 'object' && there.bytes.equals(bytes) ? head.etag : undefined;
}
