/**
 * The directories of a TIFF file, without a pixel: what pictures there are, how large, and how they are stored. TIFF is
 * also what most camera raw files are inside (DNG, CR2, NEF, ARW, PEF), so their previews are found in the same way.
 *
 * Only the numbers that the file states are followed; where they lead nowhere the walk stops, for a decoder will say
 * what is broken.
 * Sources: TIFF 6.0; BigTIFF (libtiff); Adobe TIFF Technical Note 1 (SubIFDs); DNG 1.7.
 */
export interface TiffDirectory {
  /** Position in the chain of pages; of a SubIFD that of the page it belongs to. */
  page: number;
  /** Position among the SubIFDs of its page; absent where it is a page itself. */
  subIfd?: number;
  width: number;
  height: number;
  bitsPerSample: number;
  samplesPerPixel: number;
  /** Tag 259. */
  compression: number;
  /** Tag 262; absent in broken files and in some previews. */
  photometric: number | undefined;
  /** Whether each colour is stored apart from the others. */
  planar: boolean;
  tiled: boolean;
  /** Pixels of a tile, or of a strip: what a decoder unpacks at once. */
  pieceArea: number;
  /** A copy at lower resolution of another picture in the file, or a thumbnail. */
  reduced: boolean;
  /** Marks which parts of another picture count. */
  mask: boolean;
  orientation: number | undefined;
  /** The bytes of the picture where they stand in one piece, as they do for embedded JPEG files. */
  piece: { start: number; length: number } | undefined;
  /** Whether it carries a tag by which it is said to be a DNG. */
  dng: boolean;
}

const TAG = {
  newSubfileType: 254,
  subfileType: 255,
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  orientation: 274,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  planar: 284,
  tileWidth: 322,
  tileLength: 323,
  tileOffsets: 324,
  subIfds: 330,
  jpegOffset: 513,
  jpegLength: 514,
  dngVersion: 50706,
} as const;

const WANTED: ReadonlySet<number> = new Set(Object.values(TAG));

/** Bytes of a value, by type; other types are of no use here. */
const SIZES: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 13: 4, 16: 8, 18: 8 };

/** A page may have many SubIFDs (each level of a pyramid), but no picture is found behind this many. */
const MAX_SUB_IFDS = 32;
const MAX_DIRECTORIES = 1200;
/** Entries of all directories together: a camera's have some hundred each. */
const MAX_ENTRIES = 100_000;

interface Layout {
  first: number;
  count: number;
  entry: number;
  offset: number;
}

/** Values of the tags that are asked for, as far as they can be read: at most `MAX_SUB_IFDS` of each. */
type Entries = ReadonlyMap<number, readonly number[]>;

class Reader {
  readonly #bytes: Buffer;
  readonly #little: boolean;
  readonly layout: Layout;
  #left = MAX_ENTRIES;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#little = bytes[0] === 0x49;
    const big = bytes[this.#little ? 2 : 3] === 43;
    this.layout = big
      ? { first: 8, count: 8, entry: 20, offset: 8 }
      : { first: 4, count: 2, entry: 12, offset: 4 };
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** @returns 0 beyond the end: no offset and no count is 0 */
  number(at: number, size: number): number {
    if (at < 0 || at + size > this.#bytes.length) return 0;
    // Six bytes are as much as a file that fits into memory needs.
    const [start, length] = size === 8 ? [this.#little ? at : at + 2, 6] : [at, size];
    return this.#little ? this.#bytes.readUIntLE(start, length) : this.#bytes.readUIntBE(start, length);
  }

  entries(at: number): { entries: Entries; next: number } {
    const { count, entry, offset } = this.layout;
    const stated = this.number(at, count);
    const found = new Map<number, number[]>();
    const looked = Math.min(stated, this.#left);
    this.#left -= looked;
    for (let index = 0; index < looked; index++) {
      const start = at + count + index * entry;
      const tag = this.number(start, 2);
      if (!WANTED.has(tag)) continue;
      const size = SIZES[this.number(start + 2, 2)];
      const values = this.number(start + 4, offset);
      if (size === undefined || values === 0) continue;
      const inline = size * values <= offset;
      const from = inline ? start + 4 + offset : this.number(start + 4 + offset, offset);
      const read = Array.from({ length: Math.min(values, MAX_SUB_IFDS) }, (_, n) =>
        this.number(from + n * size, size),
      );
      found.set(tag, read);
    }
    return { entries: found, next: this.number(at + count + stated * entry, offset) };
  }
}

/** Every directory: the pages in their order, each followed by its SubIFDs. */
export function readTiffDirectories(bytes: Buffer): TiffDirectory[] {
  const reader = new Reader(bytes);
  const found: TiffDirectory[] = [];
  const seen = new Set<number>();
  let at = reader.number(reader.layout.first, reader.layout.offset);
  for (let page = 0; at !== 0 && at < reader.length && !seen.has(at); page++) {
    if (found.length >= MAX_DIRECTORIES) break;
    seen.add(at);
    const { entries, next } = reader.entries(at);
    found.push({ page, ...describe(entries, reader.length) });
    for (const [subIfd, offset] of (entries.get(TAG.subIfds) ?? []).entries()) {
      if (offset === 0 || offset >= reader.length || seen.has(offset)) continue;
      seen.add(offset);
      found.push({ page, subIfd, ...describe(reader.entries(offset).entries, reader.length) });
    }
    at = next;
  }
  return found;
}

function describe(entries: Entries, length: number): Omit<TiffDirectory, 'page' | 'subIfd'> {
  const first = (tag: number) => entries.get(tag)?.[0];
  const [width, height] = [first(TAG.width) ?? 0, first(TAG.height) ?? 0];
  const tiled = entries.has(TAG.tileWidth) || entries.has(TAG.tileOffsets);
  const subfile = first(TAG.newSubfileType) ?? 0;
  return {
    width,
    height,
    bitsPerSample: Math.max(1, ...(entries.get(TAG.bitsPerSample) ?? [1])),
    samplesPerPixel: first(TAG.samplesPerPixel) ?? 1,
    compression: first(TAG.compression) ?? 1,
    photometric: first(TAG.photometric),
    planar: first(TAG.planar) === 2,
    tiled,
    pieceArea: tiled
      ? (first(TAG.tileWidth) ?? 0) * (first(TAG.tileLength) ?? 0)
      : width * Math.min(first(TAG.rowsPerStrip) ?? height, height),
    reduced: (subfile & 1) !== 0 || first(TAG.subfileType) === 2,
    mask: (subfile & 4) !== 0,
    orientation: first(TAG.orientation),
    piece: pieceOf(entries, length),
    dng: entries.has(TAG.dngVersion),
  };
}

function pieceOf(entries: Entries, fileLength: number): TiffDirectory['piece'] {
  const only = (tag: number) => (entries.get(tag)?.length === 1 ? entries.get(tag)?.[0] : undefined);
  const start = only(TAG.jpegOffset) ?? only(TAG.stripOffsets);
  if (start === undefined || start === 0 || start >= fileLength) return undefined;
  const stated = only(TAG.jpegOffset) === undefined ? only(TAG.stripByteCounts) : only(TAG.jpegLength);
  // Of old-style JPEG the length is often missing or wrong; a JPEG says itself where it ends.
  const length = stated === undefined || stated === 0 ? fileLength - start : stated;
  return { start, length: Math.min(length, fileLength - start) };
}
