import { ImageChangedError, PermanentError } from '../../domain/errors.ts';
import type { ImageSource, Job } from '../../domain/job.ts';
import { once } from '../../domain/once.ts';
import type { StepImage } from '../../domain/step.ts';
import { decodeUpright } from '../../imaging/decode.ts';
import type { Blobs } from '../../storage/blobs.ts';
import { containers } from '../../storage/names.ts';
import { workingVersion } from '../admission/working-version.ts';
import { remakeRendition } from './remake-rendition.ts';

/**
 * The image of a job, read on demand and at most once per invocation. Every read is held to the admitted version: of
 * the original by `If-Match`, of a rendition by looking at the original first.
 */
export function openImage(job: Job, blobs: Blobs, signal: AbortSignal): StepImage {
  const bytes = once(() => readWorkingImage(job, blobs, signal));
  const facts = job.image;
  return {
    url: job.imageUrl,
    contentType: facts?.contentType ?? 'application/octet-stream',
    width: facts?.width ?? 0,
    height: facts?.height ?? 0,
    bytes,
    pixels: once(() => bytes().then((content) => decodeUpright(content, facts))),
  };
}

async function readWorkingImage(job: Job, blobs: Blobs, signal: AbortSignal): Promise<Buffer> {
  if (!job.image) throw new PermanentError('NoImage', 'This job has no image that could be decoded.');
  const { rendition } = job.image;
  const version = workingVersion(job.source, rendition);
  // Asked before it is touched: what has gone is kept no longer for having been asked for.
  if (blobs.recent.has(version) || rendition !== undefined) await requireAdmitted(job.source, blobs, version);
  const kept = blobs.recent.get(version);
  if (kept !== undefined) return kept;
  const bytes =
    rendition === undefined
      ? await readOriginal(job.source, blobs, signal)
      : await readRendition(job, rendition, blobs, signal);
  // A copy, for a step may change what it is given.
  blobs.recent.keep(version, Buffer.from(bytes));
  return bytes;
}

async function requireAdmitted(
  { container, name, etag }: ImageSource,
  blobs: Blobs,
  version: string,
): Promise<void> {
  const original = await blobs.head(container, name);
  if (original?.etag === etag) return;
  blobs.recent.drop(version);
  throw new ImageChangedError(original ? 'superseded' : 'gone');
}

async function readOriginal(
  { container, name, etag }: ImageSource,
  blobs: Blobs,
  signal: AbortSignal,
): Promise<Buffer> {
  const content = await blobs.read(container, name, { ifMatch: etag, signal });
  if (content === 'changed') throw new ImageChangedError('superseded');
  if (content === undefined || content === 'too large') throw new ImageChangedError('gone');
  return content.bytes;
}

async function readRendition(job: Job, name: string, blobs: Blobs, signal: AbortSignal): Promise<Buffer> {
  const rendition = await blobs.read(containers.renditions, name, { signal });
  if (rendition === undefined || typeof rendition === 'string') {
    return remakeRendition(job, name, blobs, signal);
  }
  return rendition.bytes;
}
