import { ImageChangedError, PermanentError, reason, toRecordedError } from '../../domain/errors.ts';
import type { ImageFacts, ImageSource, JobEnd } from '../../domain/job.ts';
import { jobIdOf } from '../../domain/job-id.ts';
import type { Settings } from '../../domain/settings.ts';
import type { Warning } from '../../domain/warning.ts';
import { readExif } from '../../imaging/exif.ts';
import { inspectImage } from '../../imaging/inspect.ts';
import { makeRendition } from '../../imaging/rendition.ts';
import type { Blobs } from '../../storage/blobs.ts';
import { containers } from '../../storage/names.ts';
import { workingVersion } from './working-version.ts';

/** Metadata of an input blob that names its pipeline, comma separated, in place of `PIPELINE_DEFINITION`. */
export const PIPELINE_METADATA = 'pipeline';

/** Metadata of an input blob that hold the name its file had, percent-encoded, where that could not be its own. */
export const ORIGINAL_NAME_METADATA = 'originalname';

export interface Examined {
  image?: ImageFacts;
  end?: JobEnd;
  /** What the blob's metadata says its pipeline is, where they do. */
  asksFor?: string;
}

/**
 * Looks at the admitted version of an image: what the pipeline must know about it, or why it is not one. Makes the
 * working rendition where the vision services could not take the original.
 */
export async function examine(
  source: ImageSource,
  jobKey: string,
  blobs: Blobs,
  settings: Settings,
): Promise<Examined> {
  if (source.etag === '') return ended('gone');
  const content = await blobs.read(source.container, source.name, {
    ifMatch: source.etag,
    maxBytes: settings.MAX_IMAGE_BYTES,
  });
  if (content === undefined) return ended('gone');
  if (content === 'changed') return ended('superseded');
  const asked = typeof content === 'string' ? undefined : content.metadata[PIPELINE_METADATA];
  const asksFor = asked === undefined ? {} : { asksFor: asked };
  try {
    if (content === 'too large') {
      throw new PermanentError(
        'ImageTooManyBytes',
        `The image is larger than ${settings.MAX_IMAGE_BYTES} bytes. Send a smaller one, or raise MAX_IMAGE_BYTES.`,
      );
    }
    const { bytes } = content;
    const inspection = await inspectImage(bytes, {
      maxBytes: settings.MAX_IMAGE_BYTES,
      maxPixels: settings.MAX_IMAGE_PIXELS,
    });
    const exif = await readExif(bytes, settings.KEEP_EXIF);
    const warnings = [...inspection.warnings, ...renamed(content.metadata[ORIGINAL_NAME_METADATA])];
    const facts = {
      width: inspection.width,
      height: inspection.height,
      bytes: bytes.length,
      ...(exif && { exif }),
      ...(warnings.length > 0 && { warnings }),
    };
    if (!inspection.rendition) {
      blobs.recent.keep(workingVersion(source), bytes);
      return { image: { ...facts, contentType: inspection.contentType }, ...asksFor };
    }
    const rendition = await makeRendition(bytes, inspection);
    // Named by version: of two first messages with one id but two images, neither overwrites the other's.
    const name = `${jobKey}.${jobIdOf(source.container, source.name, source.etag).slice(0, 12)}`;
    await blobs.write(containers.renditions, name, rendition.bytes, rendition.contentType);
    blobs.recent.keep(workingVersion(source, name), rendition.bytes);
    return {
      image: {
        ...facts,
        width: rendition.width,
        height: rendition.height,
        contentType: rendition.contentType,
        rendition: name,
      },
      ...asksFor,
    };
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    return { end: { kind: 'rejected', reason: toRecordedError(error) }, ...asksFor };
  }
}

function ended(kind: 'gone' | 'superseded'): { end: JobEnd } {
  return { end: { kind, reason: toRecordedError(new ImageChangedError(kind)) } };
}

const renamed = (original: string | undefined): Warning[] =>
  original === undefined
    ? []
    : [
        reason(
          'FileRenamed',
          `The name of the file is not UTF-8: it is stored under the nearest name that is. Its own, byte by byte: ${original.slice(0, 800)}`,
        ),
      ];
