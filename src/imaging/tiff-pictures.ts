import { PermanentError } from '../domain/errors.ts';
import { readJpegHeader } from './jpeg-header.ts';
import type { Picture } from './picture.ts';
import { readTiffDirectories, type TiffDirectory } from './tiff-directories.ts';

/** What of a TIFF file is looked at. */
export interface TiffPictures {
  /** The pages, in their order; one for a camera raw file. */
  pictures: Picture[];
  /** Pages that are of a kind that is not read. */
  unread: number;
  /** Of a camera raw file: the size of what the camera took, where only a preview of it can be read. */
  raw?: { width: number; height: number };
}

const CFA = 32_803;
const LINEAR_RAW = 34_892;

/** Compressions by which cameras store what their sensor saw: of Sony, Nikon, Samsung, Pentax and Kodak. */
const RAW_COMPRESSIONS: ReadonlySet<number> = new Set([32_767, 32_769, 32_770, 34_713, 65_000, 65_535]);

/** What libtiff, as it is built into sharp, decodes, by tag 259. */
const READABLE: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 7, 8, 32_771, 32_773, 32_946]);

const NAMES: Readonly<Record<number, string>> = {
  6: 'old-style JPEG',
  9: 'JBIG',
  10: 'JBIG',
  32766: 'NeXT',
  32809: 'ThunderScan',
  34661: 'JBIG',
  34676: 'SGILog',
  34677: 'SGILog',
  34712: 'JPEG 2000',
  34887: 'LERC',
  34892: 'lossy DNG',
  34925: 'LZMA',
  50000: 'Zstandard',
  50001: 'WebP',
  50002: 'JPEG XL',
  52546: 'JPEG XL',
};

/** Below this a preview is a thumbnail, in which no face and no word is found. */
const SMALLEST_PREVIEW = 600;

interface Candidate extends Picture {
  pixels: number;
  longest: number;
}

/**
 * Chooses what of a TIFF file is looked at: of each page the largest picture there is, which may stand in a SubIFD or be
 * an embedded JPEG; never a thumbnail where there is more. Of a camera raw file it is the largest preview.
 *
 * @throws {PermanentError} UnsupportedImageFormat, where nothing in it can be read
 */
export function tiffPictures(bytes: Buffer): TiffPictures {
  const directories = readTiffDirectories(bytes).filter(({ width, height }) => width > 0 && height > 0);
  // A decoder says better what is wrong with a file that has none.
  if (directories.length === 0) return { pictures: [{}], unread: 0 };
  if (isRaw(bytes, directories)) return rawPictures(bytes, directories);
  const whole = directories.filter(({ reduced, mask }) => !reduced && !mask);
  const pages = new Map<number, TiffDirectory[]>();
  for (const directory of whole.length > 0 ? whole : directories.filter(({ mask }) => !mask)) {
    pages.set(directory.page, [...(pages.get(directory.page) ?? []), directory]);
  }
  const found: Picture[] = [];
  for (const page of pages.values()) {
    const best = largest(page.flatMap((directory) => candidates(bytes, directory, directories)));
    if (best) found.push(best);
  }
  // Thumbnails only: the largest of them is the picture.
  const pictures = whole.length > 0 ? found : found.slice(0, 1);
  if (pictures.length === 0) throw unsupported(pages.values().next().value?.[0] ?? directories[0]);
  return { pictures, unread: whole.length > 0 ? pages.size - pictures.length : 0 };
}

const isRaw = (bytes: Buffer, directories: readonly TiffDirectory[]): boolean =>
  bytes.toString('latin1', 8, 10) === 'CR' ||
  directories.some(
    ({ photometric, compression }) =>
      photometric === CFA || photometric === LINEAR_RAW || RAW_COMPRESSIONS.has(compression),
  );

function rawPictures(bytes: Buffer, directories: readonly TiffDirectory[]): TiffPictures {
  const best = largest(directories.flatMap((directory) => candidates(bytes, directory, directories)));
  const raw = directories.reduce((one, other) => (area(other) > area(one) ? other : one));
  if (best && best.longest >= SMALLEST_PREVIEW) {
    const isAll = best.pixels >= area(raw);
    return {
      pictures: [best],
      unread: 0,
      ...(!isAll && { raw: { width: raw.width, height: raw.height } }),
    };
  }
  throw new PermanentError(
    'UnsupportedImageFormat',
    `This is a camera raw file${directories.some(({ dng }) => dng) ? ' (DNG)' : ''} without a preview that is large enough to look into. Develop it with the camera's program, save it as JPEG, and upload that.`,
  );
}

const area = ({ width, height }: { width: number; height: number }) => width * height;

const largest = (all: readonly Candidate[]): Candidate | undefined =>
  all.reduce<Candidate | undefined>(
    (best, one) => (best === undefined || one.pixels > best.pixels ? one : best),
    undefined,
  );

/** The ways in which the picture of a directory can be read. */
function candidates(bytes: Buffer, directory: TiffDirectory, all: readonly TiffDirectory[]): Candidate[] {
  const { page, subIfd, width, height, piece } = directory;
  // What a camera says of the whole file stands at its first directory.
  const said =
    directory.orientation ?? all.find((one) => one.page === page && one.subIfd === undefined)?.orientation;
  const turned = said !== undefined && said > 1 && said <= 8 ? { orientation: said } : {};
  const found: Candidate[] = [];
  if (isReadable(directory)) {
    const here = directory.orientation === undefined ? turned : {};
    const where = { ...(page > 0 && { page }), ...(subIfd !== undefined && { subIfd }) };
    found.push({ ...where, ...here, pixels: width * height, longest: Math.max(width, height) });
  }
  // Of tiles a JPEG stream holds one, or only the tables of all.
  const jpeg =
    piece && !directory.tiled
      ? readJpegHeader(bytes.subarray(piece.start, piece.start + piece.length))
      : undefined;
  if (piece && jpeg?.lossy && jpeg.width > 0 && jpeg.height > 0 && !isReadable(directory)) {
    const { width: across, height: down } = jpeg;
    found.push({ part: piece, ...turned, pixels: across * down, longest: Math.max(across, down) });
  }
  return found;
}

const isReadable = ({ compression, photometric, bitsPerSample, planar, tiled }: TiffDirectory): boolean =>
  READABLE.has(compression) &&
  photometric !== CFA &&
  photometric !== LINEAR_RAW &&
  !(planar && tiled) &&
  [1, 2, 4, 8, 16, 32, 64].includes(bitsPerSample);

/** Says of what kind a page is that is not read. */
function unsupported(page: TiffDirectory | undefined): PermanentError {
  return new PermanentError(
    'UnsupportedImageFormat',
    `This is a TIFF image ${page ? kindOf(page) : 'of a kind'} that is not read here; the file itself may be sound. Save it as PNG, as JPEG, or as a TIFF with LZW compression, and upload that.`,
  );
}

function kindOf({ compression, bitsPerSample, planar, tiled }: TiffDirectory): string {
  if (!READABLE.has(compression)) {
    return `with a compression (${NAMES[compression] ?? `number ${compression}`})`;
  }
  if (planar && tiled) return 'of a layout (tiles, each colour on its own)';
  if (![1, 2, 4, 8, 16, 32, 64].includes(bitsPerSample)) return `of a depth (${bitsPerSample} bits a sample)`;
  return 'of a kind';
}
