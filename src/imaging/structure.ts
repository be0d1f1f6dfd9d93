import { PermanentError } from '../domain/errors.ts';
import type { ImageFormat } from './format.ts';

/** More frames or pages than any photograph has: the decoders walk all of them, WebP's in quadratic time. */
const MAX_PAGES = 1000;
/** libpng unpacks each to 8 MB at most, and keeps all of them. */
const MAX_COMPRESSED_TEXTS = 16;

/**
 * Refuses files on whose outer structure a decoder would spend minutes or gigabytes before it came to a pixel: a WebP
 * or TIFF of very many pages (a 45 MB WebP of 1-pixel frames takes libwebp many minutes), a PNG with very many
 * compressed texts (13 MB of them take libpng 3 GB). Walks only the lengths and offsets that the file states; where
 * those lead nowhere it stops, for the decoder will say what is broken. libnsgif walks even millions of frames in
 * seconds, so GIF needs no such check.
 *
 * @throws {PermanentError} ImageTooManyPages, ImageTooMuchMetadata
 */
export function checkStructure(bytes: Buffer, format: ImageFormat): void {
  if (format === 'png' && countPngCompressedTexts(bytes) > MAX_COMPRESSED_TEXTS) {
    throw new PermanentError(
      'ImageTooMuchMetadata',
      `The PNG carries more than ${MAX_COMPRESSED_TEXTS} compressed texts beside the image. Save it without metadata and upload that.`,
    );
  }
  const pages = format === 'webp' ? countWebpFrames(bytes) : format === 'tiff' ? countTiffPages(bytes) : 1;
  if (pages > MAX_PAGES) {
    throw new PermanentError(
      'ImageTooManyPages',
      `The image has more than ${MAX_PAGES.toLocaleString('en')} frames or pages. Save the one that matters on its own and upload that.`,
    );
  }
}

/** PNG, 5.3: length (big-endian, of the content alone), type, content, CRC. iTXt may be compressed or not. */
function countPngCompressedTexts(bytes: Buffer): number {
  let count = 0;
  for (let at = 8; at + 8 <= bytes.length && count <= MAX_COMPRESSED_TEXTS; ) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    if (type === 'zTXt' || type === 'iTXt') count++;
    if (type === 'IEND') break;
    at += 12 + bytes.readUInt32BE(at);
  }
  return count;
}

/** RIFF: type, length (little-endian, of the content alone), content padded to an even length. */
function countWebpFrames(bytes: Buffer): number {
  let count = 0;
  for (let at = 12; at + 8 <= bytes.length && count <= MAX_PAGES; ) {
    if (bytes.toString('latin1', at, at + 4) === 'ANMF') count++;
    const length = bytes.readUInt32LE(at + 4);
    at += 8 + length + (length % 2);
  }
  return count;
}

/** TIFF 6.0, section 2, and BigTIFF: a chain of directories, each with its number of entries and the next offset. */
function countTiffPages(bytes: Buffer): number {
  const little = bytes[0] === 0x49;
  const big = bytes[little ? 2 : 3] === 43;
  const layout = big
    ? { first: 8, count: 8, entry: 20, offset: 8 }
    : { first: 4, count: 2, entry: 12, offset: 4 };
  const read = (at: number, size: number): number => {
    if (at + size > bytes.length) return 0;
    // Six bytes are as much as a file that fits into memory needs.
    const [start, length] = size === 8 ? [little ? at : at + 2, 6] : [at, size];
    return little ? bytes.readUIntLE(start, length) : bytes.readUIntBE(start, length);
  };
  let pages = 0;
  // libtiff reads a chain that runs in a circle once round.
  const seen = new Set<number>();
  for (let at = read(layout.first, layout.offset); at !== 0 && pages <= MAX_PAGES && !seen.has(at); pages++) {
    seen.add(at);
    at = read(at + layout.count + read(at, layout.count) * layout.entry, layout.offset);
  }
  return pages;
}
