import { inflateSync } from 'node:zlib';
import { PermanentError } from '../domain/errors.ts';
import type { ImageFormat } from './format.ts';
import { jpegScans } from './jpeg-scans.ts';

/** More frames or pages than any photograph has: the decoders walk all of them, WebP's in quadratic time. */
const MAX_PAGES = 1000;
/** More scans than any program writes: each passes over the whole picture, and may be a hundred bytes long. */
const MAX_SCANS = 100;
/** libpng unpacks each text to 8 MB at most, and keeps all of them. */
const MAX_TEXT_BYTES = 8_000_000;
/** What all compressed texts together may unpack to. */
const MAX_ALL_TEXT_BYTES = 64_000_000;
const CHUNK = { zTXt: 0x7a545874, iTXt: 0x69545874, IEND: 0x49454e44 } as const;
/** What a text costs at least, however short it is. */
const LEAST_TEXT_BYTES = 1000;

/**
 * Refuses files on whose outer structure a decoder would spend minutes or gigabytes before it came to a pixel: a WebP
 * or TIFF of very many pages (a 45 MB WebP of 1-pixel frames takes libwebp many minutes), a PNG whose
 * compressed texts unpack to very much (13 MB of them take libpng 3 GB). Walks only the lengths and offsets that the file states; where
 * those lead nowhere it stops, for the decoder will say what is broken. Of a GIF a decoder is given the first frames only,
 * so that one needs no such check: see `slim`.
 *
 * @throws {PermanentError} ImageTooManyPages, ImageTooManyScans, ImageTooMuchMetadata
 */
export function checkStructure(bytes: Buffer, format: ImageFormat): void {
  if (format === 'png' && unpackedPngTexts(bytes) > MAX_ALL_TEXT_BYTES) {
    throw new PermanentError(
      'ImageTooMuchMetadata',
      `The PNG carries compressed texts beside the image that unpack to more than ${MAX_ALL_TEXT_BYTES / 1e6} MB. Save it without metadata and upload that.`,
    );
  }
  checkPasses(bytes, format);
}

/**
 * Only what a decoder would pass over too often: pages, frames, scans.
 *
 * @throws {PermanentError} ImageTooManyPages, ImageTooManyScans
 */
export function checkPasses(bytes: Buffer, format: ImageFormat): void {
  if (format === 'jpeg') checkScans(bytes);
  const pages = format === 'webp' ? countWebpFrames(bytes) : format === 'tiff' ? countTiffPages(bytes) : 1;
  if (pages > MAX_PAGES) {
    throw new PermanentError(
      'ImageTooManyPages',
      `The image has more than ${MAX_PAGES.toLocaleString('en')} frames or pages. Save the one that matters on its own and upload that.`,
    );
  }
}

/** @param jpeg also one that is embedded in another file @throws {PermanentError} ImageTooManyScans */
export function checkScans(jpeg: Buffer): void {
  if (jpegScans(jpeg, MAX_SCANS) <= MAX_SCANS) return;
  throw new PermanentError(
    'ImageTooManyScans',
    `The JPEG passes over its picture more than ${MAX_SCANS} times: no program for photographs writes such a file. Save it as a baseline JPEG and upload that.`,
  );
}

/**
 * Bytes to which the compressed texts unpack: each is unpacked, as far as libpng would. PNG, 5.3 and 11.3.3: length
 * (big-endian, of the content alone), type, content, CRC.
 */
function unpackedPngTexts(bytes: Buffer): number {
  let unpacked = 0;
  for (let at = 8; at + 8 <= bytes.length && unpacked <= MAX_ALL_TEXT_BYTES; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.readUInt32BE(at + 4);
    if (type === CHUNK.zTXt || type === CHUNK.iTXt) {
      const packed = packedText(type, bytes.subarray(at + 8, at + 8 + length));
      if (packed) unpacked += Math.max(LEAST_TEXT_BYTES, unpackedLength(packed));
    }
    if (type === CHUNK.IEND) break;
    at += 12 + length;
  }
  return unpacked;
}

/** The compressed part of a text chunk: behind the keyword, and of iTXt only where its flag says so. */
function packedText(type: number, content: Buffer): Buffer | undefined {
  const keyword = content.indexOf(0);
  if (keyword < 0) return undefined;
  if (type === CHUNK.zTXt) return content.subarray(keyword + 2);
  if (content[keyword + 1] !== 1) return undefined;
  const language = content.indexOf(0, keyword + 3);
  const translated = language < 0 ? -1 : content.indexOf(0, language + 1);
  return translated < 0 ? undefined : content.subarray(translated + 1);
}

function unpackedLength(packed: Buffer): number {
  try {
    return inflateSync(packed, { maxOutputLength: MAX_TEXT_BYTES }).length;
  } catch (thrown) {
    // What is broken is nothing to libpng; what is too long it unpacks up to its limit.
    return (thrown as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE' ? MAX_TEXT_BYTES : 0;
  }
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
