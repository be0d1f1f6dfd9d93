import type { FacePlace } from './pair-view.ts';

/** A face, and how large its photograph is. */
export type InPicture = Pick<FacePlace, 'rectangle' | 'imageWidth' | 'imageHeight'>;

/** Shares of a picture by which two copies of it may differ: detectors are not exact, and resizing rounds. */
const SAME_SHAPE = 0.01;
const SAME_PLACE = 0.015;

/**
 * Whether two photographs look like copies of one picture, whatever their sizes: of the same shape, with the face in the
 * same place. A guess, to be shown as one.
 */
export function looksLikeCopies(a: InPicture, b: InPicture): boolean {
  const one = sharesOf(a);
  const two = sharesOf(b);
  if (one === undefined || two === undefined) return false;
  if (Math.abs(one.shape / two.shape - 1) > SAME_SHAPE) return false;
  return one.box.every((share, index) => Math.abs(share - (two.box[index] ?? 0)) <= SAME_PLACE);
}

function sharesOf({ imageWidth: width, imageHeight: height, rectangle }: InPicture) {
  if (!width || !height) return undefined;
  const { left, top, width: across, height: down } = rectangle;
  return { shape: width / height, box: [left / width, top / height, across / width, down / height] };
}
