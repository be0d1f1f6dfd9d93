import { PermanentError, reason } from '../domain/errors.ts';
import type { Warning } from '../domain/warning.ts';
import { damageSentence, salvage, WHOLE } from './damage.ts';
import { openPicture } from './decode.ts';
import { decodeBudget } from './decode-budget.ts';
import { decodeCost } from './decode-cost.ts';
import { IMAGE_FORMATS, type ImageFormat } from './format.ts';
import { framesSentence, pictureFrame } from './frames.ts';
import { jpegExtent } from './jpeg-scans.ts';
import { isJpeg } from './jpeg-segments.ts';
import { morePictures, morePicturesSentence } from './more-pictures.ts';
import { stackPages } from './page-stack.ts';
import { bytesOf, type Picture } from './picture.ts';
import { type PictureFacts, pictureFacts } from './picture-facts.ts';
import { decodingError } from './sharp.ts';
import { checkScans } from './structure.ts';
import { type TiffPictures, tiffPictures } from './tiff-pictures.ts';

/** Pages whose headers are read: more never fit under one another. */
const MAX_PAGES_LOOKED_AT = 64;

interface Chosen {
  /** What is looked at, in order: one picture, or the pages of a TIFF that stand under one another. */
  pictures: Picture[];
  /** Of the first of them. */
  first: PictureFacts;
  /** Pixels of all of them, as they stand in the working image. */
  width: number;
  height: number;
  warnings: Warning[];
}

/**
 * Chooses what of a file is looked at, decodes it once to its end, and says what of the file is not looked at.
 *
 * @throws {PermanentError} UnsupportedImageFormat, BrokenImage, ImageTooManyPixels, ImageTooSlow
 */
export async function choosePictures(file: Buffer, format: ImageFormat, maxPixels: number): Promise<Chosen> {
  const found: TiffPictures = format === 'tiff' ? tiffPictures(file) : { pictures: [{}], unread: 0 };
  for (const picture of found.pictures) if (picture.part) checkScans(bytesOf(file, picture));
  const first = await pictureFacts(file, found.pictures[0] ?? {}, format);
  checkPixels(first, maxPixels);
  if (found.pictures.length > 1) return choosePages(file, found, maxPixels);
  return decodeBudget.within(passCost(file, found.pictures[0] ?? {}, format, first), () =>
    chooseOne(file, { format, found, first }, maxPixels),
  );
}

/** To look through a picture, and to look again, upright, at what is damaged. */
function passCost(file: Buffer, picture: Picture, format: ImageFormat, facts: PictureFacts): number {
  const { load, turn } = decodeCost(file, picture, format, facts);
  return load + turn;
}

async function chooseOne(
  file: Buffer,
  { format, found, first }: { format: ImageFormat; found: TiffPictures; first: PictureFacts },
  maxPixels: number,
): Promise<Chosen> {
  const { name } = IMAGE_FORMATS[format];
  const warnings: Warning[] = [];
  if (found.unread > 0) warnings.push(pagesNotRead(1, 1 + found.unread));
  let [picture = {}]: Picture[] = found.pictures;
  if ((format === 'gif' || format === 'webp') && first.pages > 1) {
    const page = await frameOf(file, first.pages, maxPixels);
    if (page > 0) picture = { page };
    warnings.push(reason('FramesNotRead', framesSentence(first.pages, page)));
  }
  const more = morePictures(file, format);
  if (more) warnings.push({ code: 'FramesNotRead', message: morePicturesSentence(more) });
  if (found.raw) warnings.push(previewUsed(first, found.raw));
  const sound = await decodeOrSalvage(file, picture, name, { maxPixels, among: found.unread });
  if (sound.warning) warnings.push(sound.warning);
  return { pictures: [sound.picture], first, width: first.width, height: first.height, warnings };
}

/** A broken animation is judged by its first frame. */
async function frameOf(file: Buffer, frames: number, maxPixels: number): Promise<number> {
  try {
    return await pictureFrame(file, frames, maxPixels);
  } catch {
    return 0;
  }
}

async function choosePages(
  file: Buffer,
  { pictures, unread }: { pictures: readonly Picture[]; unread: number },
  maxPixels: number,
): Promise<Chosen> {
  const warnings: Warning[] = [];
  const read: { picture: Picture; facts: PictureFacts }[] = [];
  let broken: unknown;
  for (const page of pictures.slice(0, MAX_PAGES_LOOKED_AT)) {
    try {
      const facts = await pictureFacts(file, page, 'tiff');
      checkPixels(facts, maxPixels);
      const placed = stackPages([...read.map((one) => one.facts), facts]).pages.length;
      if (placed <= read.length) break;
      const { picture, warning } = await decodeBudget.within(passCost(file, page, 'tiff', facts), () =>
        decodeOrSalvage(file, page, IMAGE_FORMATS.tiff.name, { maxPixels, among: unread }),
      );
      if (warning) warnings.push({ ...warning, message: `Page ${1 + (page.page ?? 0)}: ${warning.message}` });
      read.push({ picture, facts });
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      broken ??= error;
    }
  }
  const [first] = read;
  if (first === undefined) throw broken;
  const all = pictures.length + unread;
  if (read.length < all) warnings.push(pagesNotRead(read.length, all));
  const sizes = read.map(({ facts }) => facts);
  const { width, height } = sizes.length === 1 ? first.facts : stackPages(sizes);
  return { pictures: read.map(({ picture }) => picture), first: first.facts, width, height, warnings };
}

/**
 * Shrinks to a stamp: every byte of pixel data is read, a JPEG by an eighth of the work, and next to nothing is kept. By that
 * eighth up to seven rows at the bottom are not: of a JPEG without an end the last row is asked for, and all above it with it.
 */
async function decodeOnce(file: Buffer, picture: Picture, name: string): Promise<void> {
  try {
    const image = await openPicture(file, picture);
    if (isEndless(bytesOf(file, picture))) {
      const { width, height } = await image.metadata();
      await image
        .extract({ left: 0, top: height - 1, width, height: 1 })
        .raw()
        .toBuffer();
      return;
    }
    await image.resize(16, 16, { fit: 'fill', withoutEnlargement: true }).raw().toBuffer();
  } catch (thrown) {
    throw decodingError(thrown, name);
  }
}

const isEndless = (bytes: Buffer): boolean => isJpeg(bytes) && !jpegExtent(bytes).ends;

/**
 * The picture as it can be decoded: whole, or as far as there is something to see.
 *
 * @param among pages of a kind that is not read: libtiff complains of them whichever page it is asked for
 */
async function decodeOrSalvage(
  file: Buffer,
  picture: Picture,
  name: string,
  { maxPixels, among }: { maxPixels: number; among: number },
): Promise<{ picture: Picture; warning?: Warning }> {
  try {
    await decodeOnce(file, picture, name);
    return { picture };
  } catch (error) {
    if (!(error instanceof PermanentError) || (error.code !== 'BrokenImage' && among === 0)) throw error;
    const part = await salvage(file, picture, maxPixels);
    if (part === undefined) throw error;
    if (among > 0 && part > WHOLE) return { picture: { ...picture, damaged: true } };
    const warning = reason('ImageDamaged', damageSentence(name, part));
    return { picture: { ...picture, damaged: true }, warning };
  }
}

export function checkPixels({ width, height }: { width: number; height: number }, maxPixels: number): void {
  if (width * height <= maxPixels) return;
  throw new PermanentError(
    'ImageTooManyPixels',
    `The image says it has ${count(width)} x ${count(height)} pixels; at most ${count(maxPixels)} in all are accepted. Scale it down, or raise MAX_IMAGE_PIXELS.`,
  );
}

const pagesNotRead = (read: number, all: number): Warning =>
  reason(
    'PagesNotRead',
    `The file has ${count(all)} pages: ${
      read === 1 ? 'one was looked at' : `${count(read)} were looked at, one under another`
    }, the others were not. Save those as files of their own and upload them, if they matter.`,
  );

const previewUsed = (
  preview: { width: number; height: number },
  raw: { width: number; height: number },
): Warning =>
  reason(
    'RawPreviewUsed',
    `This is a camera raw file: its preview of ${count(preview.width)} x ${count(preview.height)} pixels was looked at, not the ${count(raw.width)} x ${count(raw.height)} that the camera took.`,
  );

const count = (value: number) => value.toLocaleString('en');
