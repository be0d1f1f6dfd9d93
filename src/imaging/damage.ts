import { openUpright } from './decode.ts';
import type { Picture } from './picture.ts';

/** Side of the small copy by which it is judged how far a picture could be decoded. */
const ROWS = 256;
/** What differs by no more than this is one colour: what decoders put where there are no data. */
const TOLERANCE = 2;
/** Less than this of a picture, and there is nothing to see. */
const LEAST = 0.03;
/** From here on the last row has been reached. */
export const WHOLE = 0.99;

/**
 * How much of a damaged picture can be seen: what could not be decoded is of one colour, from some row to the bottom.
 *
 * @returns 0 to 1; 0 also where the picture is of one colour altogether
 * @throws what libvips throws where nothing can be decoded
 */
async function visiblePart(file: Buffer, picture: Picture, maxPixels: number): Promise<number> {
  const image = await openUpright(file, maxPixels, { ...picture, damaged: true });
  const { data, info } = await image
    .resize(ROWS, ROWS, { fit: 'fill', kernel: 'nearest' })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const last = data.length - info.channels;
  let same = data.length;
  while (same > 0) {
    const at = same - info.channels;
    const differs = [0, 1, 2].some(
      (channel) => Math.abs((data[at + channel] ?? 0) - (data[last + channel] ?? 0)) > TOLERANCE,
    );
    if (differs) break;
    same = at;
  }
  return Math.ceil(same / (info.channels * info.width)) / info.height;
}

/** How much of a picture that does not decode to its end can be seen; undefined where that is nothing. */
export async function salvage(
  file: Buffer,
  picture: Picture,
  maxPixels: number,
): Promise<number | undefined> {
  try {
    const part = await visiblePart(file, picture, maxPixels);
    return part >= LEAST ? part : undefined;
  } catch {
    return undefined;
  }
}

/** For a warning. @param part 0 to 1 */
export const damageSentence = (format: string, part: number): string =>
  part > WHOLE
    ? `The ${format} file is damaged: it ends early or has errors in it. The picture could be decoded to its last row, and was looked at.`
    : `The ${format} file is damaged: about ${Math.max(1, Math.round(part * 100))} % of the picture could be decoded, and only that was looked at. Upload the original file again, if there is one.`;
