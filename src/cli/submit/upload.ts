import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { atOnce } from '../../domain/at-once.ts';
import { jobIdOf } from '../../domain/job-id.ts';
import { IMAGE_FORMATS, sniffFormat } from '../../imaging/format.ts';
import { ORIGINAL_NAME_METADATA, PIPELINE_METADATA } from '../../pipeline/admission/examine.ts';
import type { BlobHead, Blobs } from '../../storage/blobs.ts';
import { containers } from '../../storage/names.ts';
import type { FoundFile } from './find-files.ts';

export interface Submitted {
  /** Id of its job, and so of its row. */
  id: string;
  blobName: string;
  /** Whether the very same content was there already: nothing was written and no new job begins. */
  there: boolean;
  /** Whether it was there, rejected, and is looked at again: its cause may be gone. */
  again?: boolean;
}

/** Uploads under way at once: enough to hide a network's latency. */
const AT_ONCE = 4;

/**
 * Puts the files into the input container. A file whose content is there under the same name is left as it is, so
 * that submitting again neither does the work again nor makes a second row.
 *
 * @param pipeline steps these images go through instead of `PIPELINE_DEFINITION`; already checked
 * @param onEach called after each file
 */
export async function upload(
  files: readonly FoundFile[],
  blobs: Blobs,
  options: { pipeline?: readonly string[]; onEach?: (one: Submitted) => void; signal?: AbortSignal } = {},
): Promise<Submitted[]> {
  const submitted: Submitted[] = [];
  const work = async ([position, file]: [number, FoundFile]) => {
    const one = await uploadOne(file, blobs, options.pipeline);
    submitted[position] = one;
    options.onEach?.(one);
  };
  await atOnce(AT_ONCE, files.entries(), work, options.signal);
  return submitted;
}

async function uploadOne(
  { path, bytesOfPath, blobName, originalName }: FoundFile,
  blobs: Blobs,
  pipeline?: readonly string[],
): Promise<Submitted> {
  const bytes = await readFile(bytesOfPath ?? path);
  const asked = pipeline?.join(',');
  const there = await blobs.head(containers.input, blobName);
  if (there && (asked === undefined || asked === there.metadata[PIPELINE_METADATA])) {
    if (await isSame(there, bytes, blobs, blobName)) {
      return { id: jobIdOf(containers.input, blobName, there.etag), blobName, there: true };
    }
  }
  const sniffed = sniffFormat(bytes);
  const contentType =
    sniffed.kind === 'accepted' ? IMAGE_FORMATS[sniffed.format].contentType : 'application/octet-stream';
  const metadata = {
    ...(asked !== undefined && { [PIPELINE_METADATA]: asked }),
    ...(originalName !== undefined && { [ORIGINAL_NAME_METADATA]: originalName }),
  };
  const etag = await blobs.write(containers.input, blobName, bytes, contentType, metadata);
  return { id: jobIdOf(containers.input, blobName, etag), blobName, there: false };
}

async function isSame(there: BlobHead, bytes: Buffer, blobs: Blobs, blobName: string): Promise<boolean> {
  if (there.bytes !== bytes.length) return false;
  if (there.md5 !== undefined) return there.md5 === createHash('md5').update(bytes).digest('base64');
  // A blob written in parts by another tool has no MD5.
  const content = await blobs.read(containers.input, blobName, { ifMatch: there.etag });
  return typeof content === 'object' && content.bytes.equals(bytes);
}
