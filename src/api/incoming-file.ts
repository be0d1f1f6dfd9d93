import { isReserved } from '../domain/enquiry-batch.ts';
import { jobIdOf } from '../domain/job-id.ts';
import { IMAGE_FORMATS, type ImageFormat, sniffFormat } from '../imaging/format.ts';
import { containers } from '../storage/names.ts';
import { batchFolder, blobFileName, numbered } from './blob-name.ts';
import type { UploadedFile } from './contract.ts';
import { ApiError } from './problem.ts';

/** Other photographs of the same name in the same batch, before a name is refused. */
export const MAX_NAMESAKES = 1000;

/** Why a file is not taken. */
type Refusal = NonNullable<UploadedFile['problem']>;

/** The id of a batch by the name somebody gave it. @throws {ApiError} 400 where nothing is left of it */
export function batchIdOf(batch: string): string {
  // Left out, they would make it another batch than the one that was named.
  if (batch.split('/').some((part) => /^\s*\.{1,2}\s*$/.test(part)))
    throw new ApiError(400, 'InvalidInput', 'No part of the name of a batch is "." or "..".');
  const batchId = batchFolder(batch);
  if (isReserved(batchId)) {
    throw new ApiError(
      422,
      'BatchReserved',
      'Batches of this name belong to enquiries: choose another, or add the photograph to the enquiry.',
    );
  }
  if (batchId !== '') return batchId;
  throw new ApiError(
    400,
    'InvalidInput',
    'The name of the batch has no letter or digit in it: give it another.',
  );
}

/** Why a file of so many bytes is not taken; undefined where its size is no reason. */
export function sizeRefusal(bytes: number, maxBytes: number): Refusal | undefined {
  if (bytes === 0) return { code: 'EmptyImage', detail: 'The file is empty: nothing was uploaded.' };
  if (bytes <= maxBytes) return undefined;
  return { code: 'ImageTooManyBytes', detail: `The file has more than ${maxBytes} bytes. Make it smaller.` };
}

/** @param head first bytes of a file, `HEAD_BYTES` where it has so many */
export function formatOf(head: Buffer): ImageFormat | Refusal {
  const sniffed = sniffFormat(head);
  if (sniffed.kind === 'accepted') return sniffed.format;
  const known = Object.values(IMAGE_FORMATS).map((format) => format.name);
  return {
    code: sniffed.kind === 'otherImage' ? 'UnsupportedImageFormat' : 'NotAnImage',
    detail: `The file holds ${sniffed.name}. Accepted are ${known.join(', ')}.`,
  };
}

/** The blob of the file that is the `number`th of its name in the batch, counted from 1. */
export const blobNameOf = (batchId: string, name: string, format: ImageFormat, number: number): string =>
  `${batchId}/${numbered(blobFileName(name, format), number)}`;

const refusal = (code: string, detail: string): Refusal => ({ code, detail });

export const tooManyNamesakes = refusal(
  'TooManyNamesakes',
  'The batch has too many other files of this name: rename it.',
);

export const refused = (name: string, problem: Refusal): UploadedFile => ({
  name,
  accepted: false,
  blobName: null,
  id: null,
  problem,
});

/** @param etag bare, of the blob as it was written */
export const accepted = (name: string, blobName: string, etag: string): UploadedFile => ({
  name,
  accepted: true,
  blobName,
  id: jobIdOf(containers.input, blobName, etag),
  problem: null,
});
