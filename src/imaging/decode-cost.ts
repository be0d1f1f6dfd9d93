import type { ImageFormat } from './format.ts';
import { jpegScans } from './jpeg-scans.ts';
import { bytesOf, type Picture } from './picture.ts';
import type { PictureFacts } from './picture-facts.ts';
import { readTiffDirectories } from './tiff-directories.ts';

/** Bytes of a sample, as libvips names its types. */
const SAMPLE_BYTES: Readonly<Record<string, number>> = {
  uchar: 1,
  char: 1,
  ushort: 2,
  short: 2,
  uint: 4,
  int: 4,
  float: 4,
  complex: 8,
  double: 8,
  dpcomplex: 16,
};

/** Rows that libvips holds of a picture that is decoded by rows, in all of its buffers. */
const ROWS = 900;
/** What an image costs at least: a colour profile unpacked, tables, small buffers. */
const LEAST = 8_000_000;
/** Bytes of a JPEG's coefficient, of which a picture in several scans keeps every one. */
const COEFFICIENT = 2;
/** A frame of WebP as it is decoded and the canvas that it is put on, RGBA both; of GIF the canvas alone. */
const CANVAS = { webp: 8, gif: 4.5 } as const;

const JPEG_COMPRESSIONS: ReadonlySet<number> = new Set([6, 7]);
/** A tile of a TIFF as it is read, unpacked and handed on. */
const PIECES = 3;

/** Bytes of memory that it takes, at most. */
export interface DecodeCost {
  /** To read every pixel once, in the order in which they are stored. */
  load: number;
  /** To have it upright in addition: rows that become columns, or the last row the first, need all of it. */
  turn: number;
  /** Of the upright picture as 8-bit RGB. */
  pixels: number;
}

/** To have the upright pixels in memory. */
export const wholeCost = ({ load, turn, pixels }: DecodeCost): number => load + turn + pixels;

/**
 * What it takes to decode a picture, by what its header says. Measured with libvips 8.18 on pictures of 100 megapixels: a
 * format that is stored row by row takes next to nothing, whatever its size.
 *
 * @param facts of the picture, from its header
 */
export function decodeCost(
  file: Buffer,
  picture: Picture,
  format: ImageFormat,
  facts: PictureFacts,
): DecodeCost {
  const { width, height, channels, depth, orientation, interlaced } = facts;
  const area = width * height;
  const sample = SAMPLE_BYTES[depth] ?? 16;
  const whole = area * channels * sample;
  const rows = Math.min(whole, Math.max(width, height) * channels * sample * ROWS);
  const isJpeg = format === 'jpeg' || picture.part !== undefined;
  const load = () => {
    if (isJpeg) return jpegScans(bytesOf(file, picture)) > 1 ? area * channels * COEFFICIENT + rows : rows;
    if (format === 'png') return interlaced ? whole : rows;
    if (format === 'webp' || format === 'gif') return area * CANVAS[format];
    return format === 'tiff' ? rows + tiffPiece(file, picture, channels * sample) : area * 3;
  };
  return {
    load: LEAST + Math.ceil(load()),
    turn: orientation === 1 ? 0 : whole,
    pixels: area * 3,
  };
}

/** A tile is unpacked whole, a strip row by row unless it is a JPEG or its colours stand apart. */
function tiffPiece(file: Buffer, { page = 0, subIfd }: Picture, pixelBytes: number): number {
  const directory = readTiffDirectories(file).find((one) => one.page === page && one.subIfd === subIfd);
  if (!directory) return 0;
  const { pieceArea, samplesPerPixel, bitsPerSample, tiled, planar, compression } = directory;
  if (!tiled && !planar && !JPEG_COMPRESSIONS.has(compression)) return 0;
  return PIECES * pieceArea * Math.max(pixelBytes, (samplesPerPixel * bitsPerSample) / 8);
}
