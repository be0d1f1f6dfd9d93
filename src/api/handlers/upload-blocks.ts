import { createHash } from 'node:crypto';
import { IMAGE_FORMATS, type ImageFormat } from '../../imaging/format.ts';
import type { Blobs } from '../../storage/blobs.ts';
import { containers } from '../../storage/names.ts';
import { BLOCK_ID_LENGTH, blockIdOf } from '../block-id.ts';
import type { Handler } from '../call.ts';
import { BLOCK_BYTES, blockCount, blockLength } from '../contract/blocks.ts';
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
import { ApiError, notFound } from '../problem.ts';
import { readFiles } from '../read-files.ts';

/** A file by its size and what is in its blocks. */
interface Described {
  name: string;
  bytes: number;
  /** SHA-256 of each, hexadecimal. */
  blocks: readonly string[];
}

/**
 * Blocks wait under the very name that the photograph will have: they cannot be moved. So the name is found before the
 * first of them is sent, and what is there already, told by its hashes, is not sent at all.
 */
export const uploadPlan: Handler<'uploadPlan'> = async ({ app, query, body }) => {
  const { blobs } = app.storage;
  const batchId = batchIdOf(query.batch);
  const name = lastPart(body.name);
  const format =
    sizeRefusal(body.bytes, app.settings.MAX_IMAGE_BYTES) ?? formatOf(Buffer.from(body.head, 'base64'));
  if (typeof format === 'object') return { batchId, file: refused(name, format), send: null };
  checkCount(body);
  for (let number = 1; number <= MAX_NAMESAKES; number++) {
    const blobName = blobNameOf(batchId, name, format, number);
    const there = await standingOf(blobs, blobName, body);
    if (there === 'free') {
      return { batchId, file: null, send: { number, format, blockBytes: BLOCK_BYTES } };
    }
    if (there !== 'other') return { batchId, file: accepted(name, blobName, there.etag), send: null };
  }
  return { batchId, file: refused(name, tooManyNamesakes), send: null };
};

export const uploadBlock: Handler<'uploadBlock'> = async ({ app, params, query, request }) => {
  const batchId = batchIdOf(query.batch);
  if (!/^\d{1,4}$/.test(params.block)) throw notFound('block');
  const block = Number(params.block);
  const maxBytes = app.settings.MAX_IMAGE_BYTES;
  for await (const { name, bytes, truncated } of readFiles(request, { maxFiles: 1, maxBytes: BLOCK_BYTES })) {
    if (truncated) {
      throw new ApiError(
        413,
        'BlockTooLarge',
        `A block has at most ${BLOCK_BYTES} bytes: cut the file anew.`,
      );
    }
    // The least that its file has.
    const refusal = sizeRefusal(bytes.length && block * BLOCK_BYTES + bytes.length, maxBytes);
    if (refusal) throw new ApiError(413, refusal.code, refusal.detail);
    if (block === 0) checkFormat(bytes, query.format);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const blobName = blobNameOf(batchId, name, query.format, query.number);
    const id = blockIdOf(sha256, query.format, block);
    if (await app.storage.blobs.stageBlock(containers.input, blobName, id, bytes)) return null;
    throw nameTaken();
  }
  throw new ApiError(400, 'FileExpected', 'There is no block in the form: add it as a file.');
};

export const uploadCommit: Handler<'uploadCommit'> = async ({ app, query, body }) => {
  const { blobs } = app.storage;
  const batchId = batchIdOf(query.batch);
  const { bytes, blocks, number, format } = body;
  const name = lastPart(body.name);
  const refusal = sizeRefusal(bytes, app.settings.MAX_IMAGE_BYTES);
  if (refusal) return { batchId, files: [refused(name, refusal)] };
  checkCount(body);
  const blobName = blobNameOf(batchId, name, format, number);
  const ids = blocks.map((sha256, block) => blockIdOf(sha256, format, block));
  const waiting = await blobs.stagedBlocks(containers.input, blobName);
  const missing = ids.flatMap((id, block) => (waiting.get(id) === blockLength(block, bytes) ? [] : [block]));
  if (missing.length === 0) {
    const etag = await blobs.commitBlocks(containers.input, blobName, ids, IMAGE_FORMATS[format].contentType);
    if (etag !== undefined) return { batchId, files: [accepted(name, blobName, etag)] };
  }
  // A commit whose answer was lost is asked for again; and another's commit drops the blocks of all.
  const there = await standingOf(blobs, blobName, body);
  if (there === 'other') throw nameTaken();
  if (there !== 'free') return { batchId, files: [accepted(name, blobName, there.etag)] };
  throw new ApiError(
    409,
    'BlocksMissing',
    `Of ${blocks.length} blocks these did not come, or came garbled: ${missing.join(', ')}. Send them again, then commit.`,
  );
};

/** Whether a name can be had for a file, or has it already. */
async function standingOf(
  blobs: Blobs,
  blobName: string,
  { bytes, blocks }: Described,
): Promise<'free' | 'other' | { etag: string }> {
  const head = await blobs.head(containers.input, blobName);
  if (head === undefined) {
    // Another program may be sending blocks under this name, with ids that ours cannot stand beside.
    const waiting = await blobs.stagedBlocks(containers.input, blobName);
    return [...waiting.keys()].every((id) => id.length === BLOCK_ID_LENGTH) ? 'free' : 'other';
  }
  if (head.bytes !== bytes) return 'other';
  const there = await blobs.read(containers.input, blobName, { ifMatch: head.etag });
  if (typeof there !== 'object') return 'other';
  const same = blocks.every((sha256, block) => {
    const start = block * BLOCK_BYTES;
    const stretch = there.bytes.subarray(start, start + BLOCK_BYTES);
    return createHash('sha256').update(stretch).digest('hex') === sha256;
  });
  return same ? { etag: head.etag } : 'other';
}

/** @throws {ApiError} 400 where there are more or fewer blocks than the bytes make */
function checkCount({ bytes, blocks }: Described): void {
  const wanted = blockCount(bytes);
  if (blocks.length === wanted) return;
  throw new ApiError(
    400,
    'InvalidInput',
    `A file of ${bytes} bytes has ${wanted} blocks of ${BLOCK_BYTES} bytes, and ${blocks.length} are named: cut it anew.`,
  );
}

/** @throws {ApiError} 422 where the file is not what its name was planned for */
function checkFormat(head: Buffer, planned: ImageFormat): void {
  const format = formatOf(head);
  if (format === planned) return;
  if (typeof format === 'object') throw new ApiError(422, format.code, format.detail);
  throw new ApiError(
    422,
    'OtherFormat',
    `The file was said to hold ${IMAGE_FORMATS[planned].name}, and holds ${IMAGE_FORMATS[format].name}: ask for a plan again.`,
  );
}

/** As forms have names. */
const lastPart = (name: string): string => name.split(/[\\/]/).at(-1) ?? '';

const nameTaken = () =>
  new ApiError(
    409,
    'NameTaken',
    'Another file has got this name meanwhile: ask for a plan again, which says the next name.',
  );
