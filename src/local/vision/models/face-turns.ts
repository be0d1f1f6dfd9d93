import type { Box } from '../analysis.ts';
import { detectIn } from './face-detector.ts';
import { DETECTOR_SIDE, type FaceNets } from './face-nets.ts';
import { fitInSquare, type Pixels, turn } from './pixels.ts';

export type Quarters = 0 | 1 | 2 | 3;

/** A face as large as this in a quarter of the detector's picture is seen there, and hardly anything else is. */
const GLANCE_SCORE = 0.6;

const HALF = DETECTOR_SIDE / 2;

/**
 * The quarter turn, clockwise, after which a picture shows a face most surely: one pass of the detector over the
 * picture in its four turns, side by side. Undefined where none shows any.
 */
export async function glanceAtTurns(nets: FaceNets, image: Pixels): Promise<Quarters | undefined> {
  const small = await fitInSquare(image, HALF, 'corner');
  const data = new Uint8Array(DETECTOR_SIDE * DETECTOR_SIDE * 3);
  for (const quarters of [0, 1, 2, 3] as const) {
    const { data: turned } = await turn(small, quarters);
    const [left, top] = [(quarters & 1) * HALF, (quarters >> 1) * HALF];
    for (let row = 0; row < HALF; row++)
      data.set(
        turned.subarray(row * HALF * 3, (row + 1) * HALF * 3),
        ((top + row) * DETECTOR_SIDE + left) * 3,
      );
  }
  const [best] = await detectIn(nets, { data, width: DETECTOR_SIDE, height: DETECTOR_SIDE }, GLANCE_SCORE);
  if (best === undefined) return undefined;
  const right = best.box.left + best.box.width / 2 >= HALF ? 1 : 0;
  const lower = best.box.top + best.box.height / 2 >= HALF ? 2 : 0;
  return (right + lower) as Quarters;
}

/** A box of a picture that was turned clockwise by quarters, in the picture as it was, `width` by `height`. */
export function turnedBack(
  box: Box,
  quarters: Quarters,
  { width, height }: { width: number; height: number },
): Box {
  const { left, top } = box;
  switch (quarters) {
    case 0:
      return box;
    case 1:
      return { left: top, top: height - left - box.width, width: box.height, height: box.width };
    case 2:
      return { ...box, left: width - left - box.width, top: height - top - box.height };
    case 3:
      return { left: width - top - box.height, top: left, width: box.height, height: box.width };
  }
}
