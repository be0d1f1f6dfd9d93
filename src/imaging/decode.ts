import type { Pixels } from '../domain/pixels.ts';
import { decodeBmp } from './bmp.ts';
import { decodeBudget } from './decode-budget.ts';
import { wholeCost } from './decode-cost.ts';
import { IMAGE_FORMATS, sniffFormat } from './format.ts';
import { imageHeader } from './image-header.ts';
import { bytesOf, type Picture, pictureOptions } from './picture.ts';
import { SERVICE_LIMITS } from './rendition-rules.ts';
import { decodingError, openImage, type Sharp } from './sharp.ts';

/** A working image has at most this many pixels: whatever is larger on a side has a rendition. */
const MAX_WORKING_PIXELS = SERVICE_LIMITS.side ** 2;

/** Degrees by which a stored picture is turned, by EXIF orientation; cameras write no others into raw files. */
const TURNS: Readonly<Record<number, number>> = { 3: 180, 6: 90, 8: 270 };

/**
 * Opens a picture of an accepted image as a sharp pipeline: upright, on white, in sRGB with three channels.
 *
 * @throws {PermanentError} when a BMP does not decode; other formats fail when the pipeline runs
 */
export async function openUpright(file: Buffer, maxPixels: number, picture: Picture = {}): Promise<Sharp> {
  const sniffed = sniffFormat(file);
  if (sniffed.kind === 'accepted' && sniffed.format === 'bmp') {
    const { data, width, height } = decodeBmp(file, maxPixels);
    return openImage(data, { raw: { width, height, channels: 3 } });
  }
  const image = await openPicture(file, picture, maxPixels);
  const turn = TURNS[picture.orientation ?? 1];
  const upright = turn === undefined ? image.autoOrient() : image.autoOrient().rotate(turn);
  return upright.flatten({ background: '#ffffff' }).toColourspace('srgb');
}

/** Opens a picture as it is stored. */
export async function openPicture(file: Buffer, picture: Picture, maxPixels?: number): Promise<Sharp> {
  return openImage(bytesOf(file, picture), {
    ...(maxPixels !== undefined && { limitInputPixels: maxPixels }),
    ...pictureOptions(picture),
  });
}

/** What the image is, for messages. */
function formatName(bytes: Buffer): string {
  const sniffed = sniffFormat(bytes);
  return sniffed.kind === 'accepted' ? IMAGE_FORMATS[sniffed.format].name : 'unknown';
}

/**
 * Decodes a working image (the original or its rendition): first frame, EXIF orientation and ICC profile applied,
 * transparency flattened on white.
 *
 * @param size of the picture in it, at its top left, where it stands on a larger ground: see `makeRendition`
 * @returns 8-bit RGB: three bytes per pixel of memory
 * @throws {PermanentError} BrokenImage, ImageTooManyPixels (BMP), ImageTooSlow
 */
export async function decodeUpright(
  bytes: Buffer,
  size?: { width: number; height: number },
): Promise<Pixels> {
  return decodeBudget.within(
    wholeCost((await imageHeader(bytes)).cost),
    async () => {
      const image = await openUpright(bytes, MAX_WORKING_PIXELS);
      try {
        const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
        return cutTo({ data, width: info.width, height: info.height }, size);
      } catch (thrown) {
        throw decodingError(thrown, formatName(bytes));
      }
    },
    ({ data }) => data.length,
  );
}

/** The top left part of the given size; all of it where it is not larger. */
function cutTo(pixels: Pixels, size: { width: number; height: number } | undefined): Pixels {
  const width = Math.min(pixels.width, size?.width || pixels.width);
  const height = Math.min(pixels.height, size?.height || pixels.height);
  if (width === pixels.width && height === pixels.height) return pixels;
  const data = Buffer.allocUnsafe(width * height * 3);
  for (let y = 0; y < height; y++) {
    pixels.data.copy(data, y * width * 3, y * pixels.width * 3, (y * pixels.width + width) * 3);
  }
  return { data, width, height };
}
