import { ImageChangedError, PermanentError } from '../../domain/errors.ts';
import type { Job } from '../../domain/job.ts';
import { inspectImage } from '../../imaging/inspect.ts';
import { makeRendition } from '../../imaging/rendition.ts';
import type { Blobs } from '../../storage/blobs.ts';
import { containers } from '../../storage/names.ts';

/** The image was within the limits when it was admitted: those of today do not take that back. */
const NO_LIMITS = { maxBytes: Number.MAX_SAFE_INTEGER, maxPixels: Number.MAX_SAFE_INTEGER };

/**
 * Makes a working rendition again that somebody, or a lifecycle rule, has deleted: from the original, which alone is
 * irreplaceable, in the way in which it was made at first. Two workers who do so at once write the same.
 *
 * @param name of the rendition
 * @throws {ImageChangedError} @throws {PermanentError} RenditionMissing
 */
export async function remakeRendition(
  { source }: Pick<Job, 'source'>,
  name: string,
  blobs: Blobs,
  signal: AbortSignal,
): Promise<Buffer> {
  const original = await blobs.read(source.container, source.name, { ifMatch: source.etag, signal });
  if (original === 'changed') throw new ImageChangedError('superseded');
  if (original === undefined || original === 'too large') throw new ImageChangedError('gone');
  try {
    const { bytes, contentType } = await makeRendition(
      original.bytes,
      await inspectImage(original.bytes, NO_LIMITS),
    );
    await blobs.write(containers.renditions, name, bytes, contentType);
    // An erasure that came between has looked for renditions already.
    if (await blobs.head(source.container, source.name)) return bytes;
    await blobs.delete(containers.renditions, name);
    throw new ImageChangedError('gone');
  } catch (cause) {
    if (!(cause instanceof PermanentError)) throw cause;
    throw new PermanentError(
      'RenditionMissing',
      'The working rendition of this image is missing from the container renditions, and could not be made again from the original.',
      { cause },
    );
  }
}
