import type { OutputInfo, Sharp } from 'sharp';
import { PermanentError } from '../../../domain/errors.ts';
import { decodeBmp } from '../../../imaging/bmp.ts';
import { decodeBudget } from '../../../imaging/decode-budget.ts';
import { type ImageFormat, sniffFormat } from '../../../imaging/format.ts';
import { openImage } from '../../../imaging/sharp.ts';
import { checkStructure } from '../../../imaging/structure.ts';
import { type ImageInfo, UndecodableImageError } from '../analysis.ts';
import { MAX_PIXELS } from '../max-pixels.ts';
import { chooseGround, isOpaque, layOn } from './ground.ts';
import type { Pixels } from './pixels.ts';

/**
 * The longer side at which models see an image: more than any of them resolves, and a bound on memory. One more than
 * twice as long as it is wide keeps more of its length, for it is seen in windows: as many pixels as a square has.
 */
export const WORKING_SIDE = 2560;
const ELONGATED = 2;

/** An image ready for the models. `scale` turns working pixels into pixels of the upright image. */
export interface Frame {
  info: ImageInfo;
  pixels: Pixels;
  scale: { x: number; y: number };
}

/**
 * Unpacks an image upright (EXIF orientation applied), on a ground that shows what is on it where it is transparent,
 * as 8-bit sRGB.
 *
 * @param bytes JPEG, PNG, GIF (first frame) or BMP, told apart by magic number
 * @throws {UndecodableImageError} for other formats, damaged or truncated data, and more than {@link MAX_PIXELS},
 *   which is judged from the header before any pixel is allocated
 */
export async function decodeImage(bytes: Uint8Array): Promise<Frame> {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sniffed = sniffFormat(content);
  const format = sniffed.kind === 'accepted' ? FORMATS[sniffed.format] : undefined;
  if (sniffed.kind !== 'accepted' || format === undefined) {
    throw new UndecodableImageError('The bytes are not a JPEG, PNG, GIF or BMP image.');
  }
  undecodableWhereRefused(() => checkStructure(content, sniffed.format));
  // Its cost was taken from the budget of the process before this worker was asked: see `withinBudget`.
  return decodeBudget.within(content.length, async () => {
    const source = format === 'Bmp' ? await openBmp(content) : await open(content, format);
    const pixels = await unpack(source, format);
    return {
      info: { width: source.width, height: source.height, format },
      pixels,
      scale: { x: source.width / pixels.width, y: source.height / pixels.height },
    };
  });
}

interface Source {
  image: Sharp;
  width: number;
  height: number;
}

/** What the services take; other formats that the pipeline accepts reach them as renditions. */
const FORMATS: Partial<Record<ImageFormat, ImageInfo['format']>> = {
  jpeg: 'Jpeg',
  png: 'Png',
  gif: 'Gif',
  bmp: 'Bmp',
};

/** The imaging room speaks to people who upload; to the engine's callers its refusals are one error. */
function undecodableWhereRefused<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof PermanentError) throw new UndecodableImageError(error.message, { cause: error });
    throw error;
  }
}

async function openBmp(bytes: Buffer): Promise<Source> {
  const { data, width, height } = undecodableWhereRefused(() => decodeBmp(bytes, MAX_PIXELS));
  return { image: await openImage(data, { raw: { width, height, channels: 3 } }), width, height };
}

async function open(bytes: Buffer, format: ImageInfo['format']): Promise<Source> {
  // 'error' refuses truncated and damaged data but lets a photograph with odd metadata pass.
  const image = await openImage(bytes, { limitInputPixels: MAX_PIXELS });
  const { autoOrient } = await image.metadata().catch((cause: unknown) => {
    throw new UndecodableImageError(`The header of the ${format.toUpperCase()} image cannot be read.`, {
      cause,
    });
  });
  const { width, height } = autoOrient;
  if (width * height > MAX_PIXELS) {
    throw new UndecodableImageError(
      `An image of ${width} x ${height} pixels is not accepted: at most ${MAX_PIXELS} pixels are.`,
    );
  }
  return { image: image.autoOrient(), width, height };
}

async function unpack({ image, width, height }: Source, format: ImageInfo['format']): Promise<Pixels> {
  const side = workingSide(width, height);
  const { data, info } = await image
    .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw new UndecodableImageError(`The ${format.toUpperCase()} image is damaged or cut off.`, { cause });
    });
  return { data: toRgb(data, info), width: info.width, height: info.height };
}

/** The longer side, at most, of the working copy of an image. */
export function workingSide(width: number, height: number): number {
  const elongation = Math.max(width, height) / Math.min(width, height);
  return elongation > ELONGATED ? Math.round(WORKING_SIDE * Math.sqrt(elongation)) : WORKING_SIDE;
}

/** Grey is spread over three channels; what is transparent is laid on a ground that shows what is on it. */
function toRgb(data: Uint8Array, { width, height, channels }: OutputInfo): Uint8Array {
  if (channels === 3) return data;
  const rgba = channels === 4 ? data : spreadGrey(data, channels);
  return layOn(rgba, isOpaque(rgba) ? 255 : chooseGround(rgba, width, height));
}

function spreadGrey(data: Uint8Array, channels: number): Uint8Array {
  const rgba = new Uint8Array((data.length / channels) * 4);
  for (let from = 0, to = 0; from < data.length; from += channels, to += 4) {
    rgba.fill(data[from] ?? 0, to, to + 3);
    rgba[to + 3] = channels === 2 ? (data[from + 1] ?? 0) : 255;
  }
  return rgba;
}
