import { crc32, deflateSync } from 'node:zlib';
import sharp, { type JpegOptions, type PngOptions, type TiffOptions, type WebpOptions } from 'sharp';

/**
 * Images, good and bad, made by code: what admission, the steps and the engine are tested with. Nothing here is read
 * from disk, and the same call always gives the same bytes.
 */

export interface Rgb {
  data: Buffer;
  width: number;
  height: number;
}

/** Noise from a fixed seed: hard to compress, so a file has about the size that its format and quality give. */
export function noise(width: number, height: number, seed = 1): Rgb {
  const data = Buffer.alloc(width * height * 3);
  let state = seed;
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    data[i] = state >> 16;
  }
  return { data, width, height };
}

/** Corner colours of `quadrants`, in reading order. */
export const QUADRANT_COLOURS = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 0],
] as const;

/** Red, green over blue, yellow: shows at its corners how an image was turned, mirrored or recoloured. */
export function quadrants(width = 96, height = 64): Rgb {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const colour = QUADRANT_COLOURS[(y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1)];
      if (colour !== undefined) data.set(colour, (y * width + x) * 3);
    }
  }
  return { data, width, height };
}

/** The RGB value at a point. */
export function pixelAt(image: Rgb, x: number, y: number): [number, number, number] {
  const at = (y * image.width + x) * 3;
  return [image.data[at] ?? -1, image.data[at + 1] ?? -1, image.data[at + 2] ?? -1];
}

/** A sharp pipeline over raw RGB, to encode as one likes. */
function fromRgb({ data, width, height }: Rgb) {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

export const jpeg = (image: Rgb = quadrants(), options: JpegOptions = {}) =>
  fromRgb(image)
    .jpeg({ quality: 90, ...options })
    .toBuffer();
export const png = (image: Rgb = quadrants(), options: PngOptions = {}) =>
  fromRgb(image).png(options).toBuffer();
export const gif = (image: Rgb = quadrants()) => fromRgb(image).gif().toBuffer();
export const webp = (image: Rgb = quadrants(), options: WebpOptions = {}) =>
  fromRgb(image).webp(options).toBuffer();
export const tiff = (image: Rgb = quadrants(), options: TiffOptions = {}) =>
  fromRgb(image)
    .tiff({ compression: 'lzw', ...options })
    .toBuffer();

/** A black and white photograph as scanners write it: one channel. */
export const greyscaleJpeg = (image: Rgb = quadrants()) =>
  fromRgb(image).toColourspace('b-w').jpeg().toBuffer();
export const palettePng = (image: Rgb = quadrants()) => fromRgb(image).png({ palette: true }).toBuffer();
export const sixteenBitPng = (image: Rgb = quadrants()) =>
  fromRgb(image).toColourspace('rgb16').png().toBuffer();
/** As a print shop sends it. */
export const cmykJpeg = (image: Rgb = quadrants()) =>
  fromRgb(image).toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
/** A red square that fades to nothing at the left. */
export function transparentPng(width = 32, height = 16): Promise<Buffer> {
  const data = Buffer.alloc(width * height * 4);
  for (let i = 0; i < width * height; i++) data.set([255, 0, 0, i % width < width / 2 ? 0 : 255], i * 4);
  return sharp(data, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer();
}

/** An animation of these frames, all of one size. */
export function animation(format: 'gif' | 'webp', frames: readonly Rgb[]): Promise<Buffer> {
  const [{ width, height } = quadrants()] = frames;
  const data = Buffer.concat(frames.map((frame) => frame.data));
  const raw = { width, height: height * frames.length, channels: 3, pageHeight: height } as const;
  const image = sharp(data, { raw });
  return (format === 'gif' ? image.gif() : image.webp({ lossless: true })).toBuffer();
}

/** An image of one colour: blank. */
export const blank = (width = 96, height = 64, value = 255): Rgb => ({
  data: Buffer.alloc(width * height * 3, value),
  width,
  height,
});

/** A sound PNG with these chunks behind its header. */
export async function pngWithChunks(
  chunks: readonly { type: string; content: Buffer }[],
  image: Rgb = quadrants(),
): Promise<Buffer> {
  const whole = await png(image);
  const extra = chunks.map(({ type, content }) => pngChunk(type, content));
  return Buffer.concat([whole.subarray(0, 33), ...extra, whole.subarray(33)]);
}

/** Several frames, each of one colour; the first is red. */
export function animated(format: 'gif' | 'webp', frames = 3, width = 40, height = 30): Promise<Buffer> {
  const data = Buffer.alloc(width * height * frames * 3);
  for (let i = 0; i < data.length / 3; i++) {
    data.set(QUADRANT_COLOURS[Math.floor(i / (width * height)) % 4] ?? [0, 0, 0], i * 3);
  }
  const image = sharp(data, { raw: { width, height: height * frames, channels: 3, pageHeight: height } });
  return (format === 'gif' ? image.gif() : image.webp({ lossless: true })).toBuffer();
}

/** `quadrants` as it looks upright, stored turned or mirrored as EXIF orientation 1 to 8 says. */
export async function orientedJpeg(orientation: number, upright: Rgb = quadrants()): Promise<Buffer> {
  const { width, height } = upright;
  const [right, bottom] = [width - 1, height - 1];
  // EXIF 2.3, tag 0x0112: which edge of the scene the first row and the first column of the stored image are.
  const sources: Record<number, (column: number, row: number) => [x: number, y: number]> = {
    1: (column, row) => [column, row],
    2: (column, row) => [right - column, row],
    3: (column, row) => [right - column, bottom - row],
    4: (column, row) => [column, bottom - row],
    5: (column, row) => [row, column],
    6: (column, row) => [right - row, column],
    7: (column, row) => [right - row, bottom - column],
    8: (column, row) => [row, bottom - column],
  };
  const source = sources[orientation];
  if (source === undefined) throw new RangeError(`No EXIF orientation ${orientation}.`);
  const [columns, rows] = orientation < 5 ? [width, height] : [height, width];
  const data = Buffer.alloc(upright.data.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      data.set(pixelAt(upright, ...source(column, row)), (row * columns + column) * 3);
    }
  }
  return fromRgb({ data, width: columns, height: rows })
    .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
    .withMetadata({ orientation })
    .toBuffer();
}

/** Strings that stand in the metadata of `photographWithMetadata` and must never leave with a crop or a rendition. */
export const METADATA_MARKERS = ['Marker-Of-Maker', 'Marker-Of-Artist', 'Marker-Of-Xmp'] as const;

/** A photograph that says who took it, with what and where: EXIF with GPS, XMP and an ICC profile. */
export function photographWithMetadata(image: Rgb = quadrants(), format: 'jpeg' | 'webp' = 'jpeg') {
  return fromRgb(image)
    .toFormat(format, { quality: 90 })
    .withIccProfile('p3')
    .withXmp(
      '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" dc:creator="Marker-Of-Xmp"/></rdf:RDF></x:xmpmeta>',
    )
    .withExif({
      IFD0: { Make: 'Marker-Of-Maker', Artist: 'Marker-Of-Artist' },
      IFD3: {
        GPSLatitudeRef: 'N',
        GPSLatitude: '46/1 12/1 0/1',
        GPSLongitudeRef: 'E',
        GPSLongitude: '6/1 8/1 0/1',
      },
    })
    .toBuffer();
}

type BmpDepth = 1 | 4 | 8 | 24 | 32;

/**
 * Encodes an uncompressed BMP. Depths up to 8 take a palette of the image's own colours, in order of appearance; an
 * image with more colours than fit is refused.
 */
export function bmp(
  image: Rgb = quadrants(),
  options: { depth?: BmpDepth; topDown?: boolean; headerSize?: 16 | 40 | 64 } = {},
): Buffer {
  const { depth = 24, topDown = false, headerSize = 40 } = options;
  const { width, height, data } = image;
  const palette = new Map<number, number>();
  const stride = Math.ceil((width * depth) / 32) * 4;
  const body = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    const row = (topDown ? y : height - 1 - y) * stride;
    for (let x = 0; x < width; x++) {
      const colour = data.readUIntBE((y * width + x) * 3, 3);
      if (depth >= 24) {
        body.writeUIntLE(colour, row + (x * depth) / 8, 3);
        continue;
      }
      if (!palette.has(colour)) palette.set(colour, palette.size);
      const bit = x * depth;
      const at = row + Math.floor(bit / 8);
      body[at] = (body[at] ?? 0) | ((palette.get(colour) ?? 0) << (8 - depth - (bit % 8)));
    }
  }
  if (depth < 24 && palette.size > 2 ** depth)
    throw new RangeError(`${palette.size} colours in ${depth} bits.`);
  const colours = Buffer.alloc(palette.size * 4);
  for (const [colour, index] of palette) colours.writeUInt32LE(colour, index * 4);

  const length = 14 + headerSize;
  const header = Buffer.alloc(Math.max(54, length));
  header.write('BM', 'latin1');
  header.writeUInt32LE(length + colours.length + body.length, 2);
  header.writeUInt32LE(length + colours.length, 10);
  header.writeUInt32LE(headerSize, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(topDown ? -height : height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(depth, 28);
  header.writeUInt32LE(body.length, 34);
  header.writeUInt32LE(depth < 24 ? palette.size : 0, 46);
  return Buffer.concat([header.subarray(0, length), colours, body]);
}

function pngChunk(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(content.length);
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([head, body, check]);
}

/** A PNG of a few hundred bytes whose header is right and says `width` x `height` RGB: unpacked, gigabytes. */
export function pngBomb(width = 30_000, height = 30_000): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(Buffer.alloc(100_000))),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A sound PNG with `count` compressed texts, each `size` bytes once unpacked and next to nothing before. */
export async function pngTextBomb(count = 2000, size = 7_000_000): Promise<Buffer> {
  const whole = await png();
  const text = pngChunk('zTXt', Buffer.concat([Buffer.from('k\0\0'), deflateSync(Buffer.alloc(size, 'A'))]));
  const afterHeader = 33;
  return Buffer.concat([
    whole.subarray(0, afterHeader),
    Buffer.alloc(count * text.length, text),
    whole.subarray(afterHeader),
  ]);
}

/** A sound animated WebP of `frames` small frames: its decoder's time grows with the square of their number. */
export async function webpOfManyFrames(frames: number): Promise<Buffer> {
  const two = await animated('webp', 2, 8, 8);
  const start = two.indexOf('ANMF');
  const length = 8 + two.readUInt32LE(start + 4);
  const out = Buffer.concat([
    two.subarray(0, start),
    Buffer.alloc(frames * length, two.subarray(start, start + length)),
  ]);
  out.writeUInt32LE(out.length - 8, 4);
  return out;
}

/** A sound TIFF whose pages are all the same one, listed `pages` times. */
export async function tiffOfManyPages(pages: number): Promise<Buffer> {
  const one = await tiff(quadrants(8, 8));
  let at = one.readUInt32LE(4);
  const directory = one.subarray(at, at + 2 + one.readUInt16LE(at) * 12 + 4);
  const out = Buffer.concat([one, Buffer.alloc((pages - 1) * directory.length, directory)]);
  for (let page = 1; page < pages; page++) {
    const next = one.length + (page - 1) * directory.length;
    out.writeUInt32LE(next, at + directory.length - 4);
    at = next;
  }
  out.writeUInt32LE(0, at + directory.length - 4);
  return out;
}

/** The first part of a file, as a broken upload leaves it. */
export const truncated = (bytes: Buffer, fraction = 0.5) =>
  bytes.subarray(0, Math.floor(bytes.length * fraction));

/** Bytes after the image's end, as motion photographs and careless cameras have them. */
export const withTrailingBytes = (bytes: Buffer, trailing = 1000) =>
  Buffer.concat([bytes, Buffer.alloc(trailing, 'trailing bytes ')]);

/** Files that are no image or none that is accepted, by the code with which admission refuses them. */
export const REFUSED: Readonly<Record<string, { code: string; bytes: Buffer; says: RegExp }>> = {
  empty: { code: 'EmptyImage', bytes: Buffer.alloc(0), says: /empty/ },
  text: { code: 'NotAnImage', bytes: Buffer.from('Not a photograph at all.\n'), says: /text/ },
  'text with accents': { code: 'NotAnImage', bytes: Buffer.from('Élève à côté\n'.repeat(200)), says: /text/ },
  json: { code: 'NotAnImage', bytes: Buffer.from('{"image": true}'), says: /JSON/ },
  html: { code: 'NotAnImage', bytes: Buffer.from('<!DOCTYPE html><title>404</title>'), says: /HTML/ },
  xml: { code: 'NotAnImage', bytes: Buffer.from('<?xml version="1.0"?><a/>'), says: /XML/ },
  pdf: { code: 'NotAnImage', bytes: Buffer.from('%PDF-1.7\n%\xe2\xe3', 'latin1'), says: /PDF/ },
  zip: { code: 'NotAnImage', bytes: Buffer.from('PK\x03\x04\x14\0\0\0', 'latin1'), says: /ZIP/ },
  zeros: { code: 'NotAnImage', bytes: Buffer.alloc(5000), says: /zero/ },
  'one byte': { code: 'NotAnImage', bytes: Buffer.from([0xff]), says: /unknown/ },
  video: {
    code: 'NotAnImage',
    bytes: Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0', 'latin1'),
    says: /video/,
  },
  heic: {
    code: 'UnsupportedImageFormat',
    bytes: Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'),
    says: /HEIC/,
  },
  avif: {
    code: 'UnsupportedImageFormat',
    bytes: Buffer.from('\0\0\0\x18ftypavif\0\0\0\0mif1avif', 'latin1'),
    says: /AVIF/,
  },
  svg: {
    code: 'UnsupportedImageFormat',
    bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    says: /SVG/,
  },
  'svg with a prologue': {
    code: 'UnsupportedImageFormat',
    bytes: Buffer.from('\ufeff<?xml version="1.0"?>\n<!-- made by hand -->\n<svg width="9" height="9"/>'),
    says: /SVG/,
  },
};
