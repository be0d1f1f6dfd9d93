import { PermanentError } from '../domain/errors.ts';
import type { Pixels } from '../domain/pixels.ts';
import type { PictureFacts } from './picture-facts.ts';

/**
 * A reader of uncompressed BMP files, which sharp's libvips cannot read: palettes of 1, 4 and 8 bits, 16, 24 and 32
 * bits, with the colour masks of `BI_BITFIELDS`, top-down and bottom-up. Transparency is not part of the format before
 * version 4 and hardly ever meant, so it is ignored, as the services and most viewers do.
 * Source: IBM, OS/2 2.0 BITMAPINFOHEADER2; Microsoft, BITMAPFILEHEADER, BITMAPCOREHEADER, BITMAPINFOHEADER and BITMAPV5HEADER (wingdi.h).
 */
interface BmpHeader {
  width: number;
  height: number;
  /** The first row of the file is the top one; usually it is the bottom one. */
  topDown: boolean;
  bitsPerPixel: 1 | 4 | 8 | 16 | 24 | 32;
  /** Red, green and blue, for 16 and 32 bits. */
  masks: readonly [number, number, number];
  /** Where the palette stands, its number of colours, and the bytes of each. */
  palette: { offset: number; colours: number; entrySize: 3 | 4 };
  pixelOffset: number;
  /** Bytes of a row in the file: padded to a multiple of four. */
  stride: number;
}

const BI_RGB = 0;
const BI_BITFIELDS = 3;
const BI_ALPHABITFIELDS = 6;
const FILE_HEADER = 14;
const CORE_HEADER = 12;
/** OS/2 2.x writes 64 bytes, laid out alike as far as 40, or only the first 16 of them: the rest is zero. */
const OS2_SHORT_HEADER = 16;
const OS2_HEADER = 64;

const broken = () =>
  new PermanentError(
    'BrokenImage',
    'The BMP image is truncated or corrupt: its header does not fit the file. Upload the original file again.',
  );

/**
 * Reads the header and holds it against the length of the file, so that a header that passes can be decoded.
 * Reads no pixel.
 *
 * @throws {PermanentError} BrokenImage; UnsupportedImageFormat for compressed and exotic variants
 */
export function readBmpHeader(bytes: Buffer): BmpHeader {
  if (bytes.length < FILE_HEADER + CORE_HEADER || bytes.toString('latin1', 0, 2) !== 'BM') throw broken();
  const pixelOffset = bytes.readUInt32LE(10);
  const headerSize = bytes.readUInt32LE(14);
  if (headerSize !== CORE_HEADER && headerSize < OS2_SHORT_HEADER) throw broken();
  if (FILE_HEADER + headerSize > bytes.length) throw broken();

  const core = headerSize === CORE_HEADER;
  const width = core ? bytes.readUInt16LE(18) : bytes.readInt32LE(18);
  const signedHeight = core ? bytes.readUInt16LE(20) : bytes.readInt32LE(22);
  const planes = bytes.readUInt16LE(core ? 22 : 26);
  const bitsPerPixel = bytes.readUInt16LE(core ? 24 : 28);
  const short = headerSize === OS2_SHORT_HEADER;
  const compression = core || short ? BI_RGB : bytes.readUInt32LE(30);
  const height = Math.abs(signedHeight);
  if (width <= 0 || height === 0 || planes !== 1) throw broken();
  // To OS/2, 3 means the compression of facsimiles.
  const isFax = headerSize === OS2_HEADER && compression !== BI_RGB;
  if (!isDepth(bitsPerPixel) || !isPlain(compression, bitsPerPixel) || isFax) {
    throw new PermanentError(
      'UnsupportedImageFormat',
      `This BMP image is ${!isFax && (compression === BI_RGB || compression === BI_BITFIELDS) ? `of a depth (${bitsPerPixel} bits a pixel)` : 'compressed in a way'} that is not read here; the file itself may be sound. Save it as PNG or JPEG and upload that.`,
    );
  }

  // Without a version 2 header of its own, BI_BITFIELDS puts its masks between the header and the palette.
  const maskBytes =
    headerSize === 40 && compression !== BI_RGB ? (compression === BI_ALPHABITFIELDS ? 16 : 12) : 0;
  const paletteOffset = FILE_HEADER + headerSize + maskBytes;
  const used = core || short ? 0 : bytes.readUInt32LE(46);
  const most = bitsPerPixel <= 8 ? 2 ** bitsPerPixel : 0;
  const entrySize = core ? 3 : 4;
  if (paletteOffset > bytes.length) throw broken();
  const room = Math.floor((Math.min(pixelOffset, bytes.length) - paletteOffset) / entrySize);
  const colours = Math.min(used === 0 ? most : used, most);
  if (colours > room) throw broken();

  const stride = Math.floor((width * bitsPerPixel + 31) / 32) * 4;
  if (pixelOffset < paletteOffset || pixelOffset + stride * height > bytes.length) throw broken();
  return {
    width,
    height,
    topDown: signedHeight !== height,
    bitsPerPixel,
    masks: compression === BI_RGB ? DEFAULT_MASKS[bitsPerPixel === 16 ? 16 : 32] : readMasks(bytes),
    palette: { offset: paletteOffset, colours, entrySize },
    pixelOffset,
    stride,
  };
}

/** As of any other picture. @throws {PermanentError} as `readBmpHeader` */
export function bmpFacts(bytes: Buffer): PictureFacts {
  const { width, height } = readBmpHeader(bytes);
  return {
    width,
    height,
    orientation: 1,
    pages: 1,
    space: 'srgb',
    depth: 'uchar',
    channels: 3,
    hasAlpha: false,
    interlaced: false,
  };
}

const DEFAULT_MASKS = {
  16: [0x7c00, 0x03e0, 0x001f],
  32: [0xff0000, 0x00ff00, 0x0000ff],
} as const;

const isDepth = (bits: number): bits is BmpHeader['bitsPerPixel'] => [1, 4, 8, 16, 24, 32].includes(bits);

const isPlain = (compression: number, bits: number) =>
  compression === BI_RGB ||
  ((compression === BI_BITFIELDS || compression === BI_ALPHABITFIELDS) && (bits === 16 || bits === 32));

function readMasks(bytes: Buffer): readonly [number, number, number] {
  const start = FILE_HEADER + 40;
  if (start + 12 > bytes.length) throw broken();
  return [bytes.readUInt32LE(start), bytes.readUInt32LE(start + 4), bytes.readUInt32LE(start + 8)];
}

/**
 * Decodes to 8-bit RGB, top row first. A palette index beyond the palette is black, as other readers have it.
 *
 * @param maxPixels what may be decoded at most
 * @throws {PermanentError} as `readBmpHeader`, and ImageTooManyPixels
 */
export function decodeBmp(bytes: Buffer, maxPixels: number): Pixels {
  const header = readBmpHeader(bytes);
  const { width, height, stride, pixelOffset, topDown } = header;
  if (width * height > maxPixels) {
    throw new PermanentError(
      'ImageTooManyPixels',
      `The image has ${width} x ${height} pixels; at most ${maxPixels} are decoded.`,
    );
  }
  const data = Buffer.alloc(width * height * 3);
  const readRow = rowReader(bytes, header);
  for (let y = 0; y < height; y++) {
    readRow(pixelOffset + (topDown ? y : height - 1 - y) * stride, data, y * width * 3);
  }
  return { data, width, height };
}

type RowReader = (from: number, to: Buffer, at: number) => void;

function rowReader(bytes: Buffer, header: BmpHeader): RowReader {
  if (header.bitsPerPixel === 24) return direct(bytes, header.width);
  if (header.bitsPerPixel <= 8) return indexed(bytes, header);
  return masked(bytes, header);
}

function direct(bytes: Buffer, width: number): RowReader {
  return (from, to, at) => {
    for (let x = 0; x < width * 3; x += 3) {
      to[at + x] = bytes[from + x + 2] as number;
      to[at + x + 1] = bytes[from + x + 1] as number;
      to[at + x + 2] = bytes[from + x] as number;
    }
  };
}

function indexed(bytes: Buffer, { width, bitsPerPixel, palette }: BmpHeader): RowReader {
  const colours = Buffer.alloc(256 * 3);
  for (let i = 0; i < palette.colours; i++) {
    const entry = palette.offset + i * palette.entrySize;
    colours[i * 3] = bytes[entry + 2] as number;
    colours[i * 3 + 1] = bytes[entry + 1] as number;
    colours[i * 3 + 2] = bytes[entry] as number;
  }
  const perByte = 8 / bitsPerPixel;
  const mask = 2 ** bitsPerPixel - 1;
  return (from, to, at) => {
    for (let x = 0; x < width; x++) {
      const packed = bytes[from + Math.floor(x / perByte)] as number;
      const index = (packed >> (8 - bitsPerPixel * ((x % perByte) + 1))) & mask;
      colours.copy(to, at + x * 3, index * 3, index * 3 + 3);
    }
  };
}

function masked(bytes: Buffer, { width, bitsPerPixel, masks }: BmpHeader): RowReader {
  const size = bitsPerPixel / 8;
  return (from, to, at) => {
    for (let x = 0; x < width; x++) {
      const value = bytes.readUIntLE(from + x * size, size);
      for (const [c, mask] of masks.entries()) {
        // Wherever in the pixel the mask lies, its share of what fits into it is the same.
        to[at + x * 3 + c] = mask === 0 ? 0 : Math.round((((value & mask) >>> 0) * 255) / mask);
      }
    }
  };
}
