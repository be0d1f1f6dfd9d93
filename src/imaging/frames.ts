import { openUpright } from './decode.ts';
import { FRAMES_LOOKED_AT } from './slim.ts';

/** Side of the copy in which it is looked for something to see. */
const SIDE = 256;
/** Least difference of two pixels in a channel, of 255, that makes a frame more than blank. */
const CONTRAST = 24;

/**
 * The frame of an animation that is taken for its picture: the first one with something in it, for many begin with an
 * empty one. The first where none has.
 *
 * @returns its number, from 0
 */
export async function pictureFrame(file: Buffer, frames: number, maxPixels: number): Promise<number> {
  for (let page = 0; page < Math.min(frames, FRAMES_LOOKED_AT); page++) {
    if (!(await isBlank(file, page, maxPixels))) return page;
  }
  return 0;
}

async function isBlank(file: Buffer, page: number, maxPixels: number): Promise<boolean> {
  const image = await openUpright(file, maxPixels, { page });
  const { data, info } = await image
    .resize(SIDE, SIDE, { fit: 'inside', withoutEnlargement: true })
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  for (let channel = 0; channel < Math.min(3, info.channels); channel++) {
    let [least, most] = [255, 0];
    for (let at = channel; at < data.length; at += info.channels) {
      const value = data[at] as number;
      if (value < least) least = value;
      if (value > most) most = value;
    }
    if (most - least >= CONTRAST) return false;
  }
  return true;
}

/** For a warning. @param chosen from 0 */
export const framesSentence = (frames: number, chosen: number): string =>
  `The file is an animation of ${frames.toLocaleString('en')} frames: only ${
    chosen === 0 ? 'the first' : `number ${chosen + 1}, the first that is not blank,`
  } was looked at.`;
