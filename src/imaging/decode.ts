import type { Pixels } from '../domain/pixels.ts';
import type { Rectangle } from '../domain/rectangle.ts';
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
 * @param part what of it is wanted, in its pixels, clamped to it; what is not takes no memory, and of most formats what is
 *   below it no time. A picture that stands on a larger ground is the part at its top left: see `makeRendition`
 * @returns 8-bit RGB: three bytes per pixel of memory
 * @throws {PermanentError} BrokenImage, ImageTooManyPixels (BMP), ImageTooSlow
 */
export async function decodeUpright(bytes: Buffer, part: Partial<Rectangle> = {}): Promise<Pixels> {
  const work = async (image: Sharp) => {
    const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  };
  return withPart(bytes, part, 3, work, ({ data }) => data.length);
}

/**
 * Works on a part of a working image, upright, as a sharp pipeline.
 *
 * @param takes bytes of memory a pixel that the work takes beside the decoder; so many as `kept` says outlast it
 * @throws as `decodeUpright`
 */
export async function withPart<T>(
  bytes: Buffer,
  part: Partial<Rectangle>,
  takes: number,
  work: (image: Sharp) => Promise<T>,
  kept?: (result: T) => number,
): Promise<T> {
  const { facts, cost } = await imageHeader(bytes);
  const area = within(facts, part);
  return decodeBudget.within(
    wholeCost({ ...cost, pixels: area.width * area.height * takes }),
    async () => {
      const image = await openUpright(bytes, MAX_WORKING_PIXELS);
      try {
        return await work(
          area.width < facts.width || area.height < facts.height ? image.extract(area) : image,
        );
      } catch (thrown) {
        throw decodingError(thrown, formatName(bytes));
      }
    },
    kept,
  );
}

/** A part clamped to the picture: one pixel at least. What is not said, or zero, reaches to the picture's edge. */
function within(picture: { width: number; height: number }, part: Partial<Rectangle>): Rectangle {
  const left = Math.min(part.left ?? 0, picture.width - 1);
  const top = Math.min(part.top ?? 0, picture.height - 1);
  return {
    left,
    top,
    width: Math.min(part.width || picture.width, picture.width - left),
    height: Math.min(part.height || picture.height, picture.height - top),
  };
}
