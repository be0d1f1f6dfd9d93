import type { Pixels } from '../domain/pixels.ts';
import { decodeBmp } from './bmp.ts';
import { IMAGE_FORMATS, sniffFormat } from './format.ts';
import { SERVICE_LIMITS } from './rendition-rules.ts';
import { decodingError, openImage, type Sharp } from './sharp.ts';

/** A working image has at most this many pixels: whatever is larger on a side has a rendition. */
const MAX_WORKING_PIXELS = SERVICE_LIMITS.side ** 2;

/**
 * Opens the first frame of an accepted image as a sharp pipeline: upright, on white, in sRGB with three channels.
 *
 * @throws {PermanentError} when a BMP does not decode; other formats fail when the pipeline runs
 */
export async function openUpright(bytes: Buffer, maxPixels: number): Promise<Sharp> {
  const sniffed = sniffFormat(bytes);
  if (sniffed.kind === 'accepted' && sniffed.format === 'bmp') {
    const { data, width, height } = decodeBmp(bytes, maxPixels);
    return openImage(data, { raw: { width, height, channels: 3 } });
  }
  const image = await openImage(bytes, { limitInputPixels: maxPixels });
  return image.autoOrient().flatten({ background: '#ffffff' }).toColourspace('srgb');
}

/** What the image is, for messages. */
export function formatName(bytes: Buffer): string {
  const sniffed = sniffFormat(bytes);
  return sniffed.kind === 'accepted' ? IMAGE_FORMATS[sniffed.format].name : 'unknown';
}

/**
 * Decodes a working image (the original or its rendition): first frame, EXIF orientation and ICC profile applied,
 * transparency flattened on white.
 *
 * @returns 8-bit RGB: three bytes per pixel of memory
 * @throws {PermanentError} BrokenImage, ImageTooManyPixels (BMP), ImageTooSlow
 */
export async function decodeUpright(bytes: Buffer): Promise<Pixels> {
  const image = await openUpright(bytes, MAX_WORKING_PIXELS);
  try {
    const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  } catch (thrown) {
    throw decodingError(thrown, formatName(bytes));
  }
}
