import type { Rectangle } from '../../api/contract.ts';

/** How much around a face is shown: itself, its head and shoulders, or who stands beside it. */
export const ZOOMS = ['close', 'near', 'around'] as const;
export type Zoom = (typeof ZOOMS)[number];

/** Around the face, as shares of its larger side. */
const MARGINS: Record<Zoom, number> = { close: 0.12, near: 0.5, around: 1.8 };

/**
 * What of a photograph is shown of a face: its rectangle with a margin, in the shape of the box it is shown in, moved
 * into the picture where it can be.
 *
 * @param box width of the box by its height
 * @returns pixels of the photograph
 */
export function faceView(
  face: Rectangle,
  picture: { width: number; height: number },
  zoom: Zoom,
  box: number,
): Rectangle {
  const side = Math.max(face.width, face.height) * (1 + 2 * MARGINS[zoom]);
  let [width, height] = box >= 1 ? [side * box, side] : [side, side / box];
  // Never wider than the picture in both directions: else a small picture is lost in its mount.
  const shrink = Math.min(1, Math.max(picture.width / width, picture.height / height));
  [width, height] = [width * shrink, height * shrink];
  const within = (middle: number, length: number, whole: number) =>
    length >= whole ? (whole - length) / 2 : Math.min(whole - length, Math.max(0, middle - length / 2));
  return {
    left: within(face.left + face.width / 2, width, picture.width),
    top: within(face.top + face.height / 2, height, picture.height),
    width,
    height,
  };
}
