import { PermanentError, reason } from '../domain/errors.ts';
import type { Warning } from '../domain/warning.ts';
import { bmpFacts } from './bmp.ts';
import { checkPixels, choosePictures } from './choose-pictures.ts';
import { decodeBudget } from './decode-budget.ts';
import { decodeCost, wholeCost } from './decode-cost.ts';
import { IMAGE_FORMATS, type ImageFormat, sniffFormat } from './format.ts';
import type { Picture } from './picture.ts';
import type { PictureFacts } from './picture-facts.ts';
import { renditionCost } from './rendition-cost.ts';
import { isSmall, needsRendition, type RenditionReason } from './rendition-rules.ts';
import { checkStructure } from './structure.ts';

interface ImageLimits {
  /** Largest file, in bytes: `MAX_IMAGE_BYTES`. */
  maxBytes: number;
  /** Largest width times height: `MAX_IMAGE_PIXELS`. */
  maxPixels: number;
}

/** What is known of an image that was accepted; of several pages as they stand under one another. */
export interface Inspection extends PictureFacts {
  accepted: true;
  format: ImageFormat;
  /** By content, whatever the upload said. */
  contentType: string;
  /** Bytes of the file. */
  size: number;
  /** What of the file is looked at. */
  pictures: Picture[];
  /** What is not, and what else a person should know. */
  warnings: Warning[];
  /** Present when the vision services could not take the file as it is: see `makeRendition`. */
  rendition?: { reason: RenditionReason };
}

/**
 * Looks at the bytes of an upload: what they are, which picture in them is looked at, how large it is, and whether it
 * can be decoded. The header is judged before any pixel is decoded. Memory stays near a few rows of the image, except
 * for interlaced or progressive files, which cannot be decoded by rows.
 *
 * A PNG or GIF that lacks only its closing marker has all of its pixels. What else cannot be decoded to its end is
 * taken as far as it can, with a warning.
 *
 * @throws {PermanentError} EmptyImage, NotAnImage, UnsupportedImageFormat, ImageTooManyBytes, ImageTooManyPixels,
 *   ImageTooManyPages, ImageTooManyScans, ImageTooMuchMetadata, ImageNeedsTooMuchMemory, BrokenImage, ImageTooSlow
 */
export async function inspectImage(bytes: Buffer, limits: ImageLimits): Promise<Inspection> {
  if (bytes.length === 0) {
    throw new PermanentError('EmptyImage', 'The file is empty: nothing was uploaded. Upload it again.');
  }
  if (bytes.length > limits.maxBytes) {
    throw new PermanentError(
      'ImageTooManyBytes',
      `The file has ${count(bytes.length)} bytes; at most ${count(limits.maxBytes)} are accepted. Make it smaller, or raise MAX_IMAGE_BYTES.`,
    );
  }
  const format = acceptedFormat(bytes);
  checkStructure(bytes, format);
  const found = format === 'bmp' ? bmp(bytes, limits) : await choosePictures(bytes, format, limits.maxPixels);
  const { first, pictures, warnings, width, height } = found;
  const facts = {
    ...first,
    width,
    height,
    format,
    contentType: IMAGE_FORMATS[format].contentType,
    size: bytes.length,
    pictures,
  };
  const reason = needsRendition(facts);
  // What a step could not decode is told at the door.
  if (reason) decodeBudget.check(await renditionCost(bytes, format, pictures));
  else decodeBudget.check(wholeCost(decodeCost(bytes, pictures[0] ?? {}, format, first)));
  return {
    accepted: true,
    ...facts,
    warnings: isSmall(facts) ? [...warnings, small(facts)] : warnings,
    ...(reason === undefined ? {} : { rendition: { reason } }),
  };
}

const small = ({ width, height }: { width: number; height: number }): Warning =>
  reason(
    'ImageSmall',
    `The picture is ${count(width)} x ${count(height)} pixels, less than the vision services look into: it was put on a larger white ground. Faces and words are hardly ever found in so small a picture.`,
  );

function acceptedFormat(bytes: Buffer): ImageFormat {
  const sniffed = sniffFormat(bytes);
  if (sniffed.kind === 'accepted') return sniffed.format;
  const accepted = 'JPEG, PNG, GIF, BMP, WebP and TIFF are accepted.';
  if (sniffed.kind === 'otherImage') {
    throw new PermanentError(
      'UnsupportedImageFormat',
      `This is an image in the format ${sniffed.name}. ${accepted} ${sniffed.advice ?? 'Save it as one of those, JPEG for a photograph, and upload that.'}`,
    );
  }
  throw new PermanentError(
    'NotAnImage',
    `This is not an image: the file holds ${sniffed.name}, whatever its name says. ${accepted}`,
  );
}

/** Uncompressed and held against the length of the file by its header alone: there is no more to check. */
function bmp(bytes: Buffer, { maxPixels }: ImageLimits): Awaited<ReturnType<typeof choosePictures>> {
  const first = bmpFacts(bytes);
  checkPixels(first, maxPixels);
  const { width, height } = first;
  return { pictures: [{}], first, width, height, warnings: [] };
}

const count = (value: number) => value.toLocaleString('en');
