import { overlap } from '../../../domain/overlap.ts';
import type { AnalyzedObject } from '../analysis.ts';
import { COCO_LABELS } from './coco-labels.ts';
import type { Frame } from './decode.ts';
import { objectPeaks, type Peak } from './object-peaks.ts';
import { clamp } from './pixels.ts';
import { openNetwork } from './session.ts';
import { SQUARE_SIDE, squareOf } from './square.ts';

/** What the network takes: the whole image stretched to a square of this side. */
const INPUT_SIDE = SQUARE_SIDE;

/** Measured: names the main object well from here; scores run from 0.3 to 0.8. */
const MIN_SCORE = 0.25;
const MAX_OVERLAP = 0.4;
const MAX_OBJECTS = 20;

type ObjectReader = (frame: Frame) => Promise<AnalyzedObject[]>;

/** Loads CenterNet (MobileNetV3, COCO-80) of @vladmandic/human. The reader gives the best objects, best first. */
export async function createObjectReader(): Promise<ObjectReader> {
  const network = await openNetwork('objects', ['likelihoods', 'sizes', 'highest']);
  return async ({ pixels, info }) => {
    const maps = await network((await squareOf(pixels)).data);
    return suppress(objectPeaks(maps, MIN_SCORE).flatMap((peak) => toObject(peak, info)));
  };
}

function toObject(
  { score, index, sides: [x1, y1, x2, y2] }: Peak,
  image: { width: number; height: number },
): AnalyzedObject[] {
  const label = COCO_LABELS[index];
  const place = (value: number, length: number) => clamp((value / INPUT_SIDE) * length, 0, length);
  const [left, top] = [place(x1, image.width), place(y1, image.height)];
  const [width, height] = [place(x2, image.width) - left, place(y2, image.height) - top];
  if (label === undefined || width < 1 || height < 1) return [];
  return [{ label, score, box: { left, top, width, height } }];
}

/** Non-maximum suppression across all classes: two names for one thing would contradict each other. */
function suppress(objects: readonly AnalyzedObject[]): AnalyzedObject[] {
  const kept: AnalyzedObject[] = [];
  for (const object of objects.toSorted((a, b) => b.score - a.score)) {
    if (kept.every((other) => overlap(other.box, object.box) <= MAX_OVERLAP)) kept.push(object);
  }
  return kept.slice(0, MAX_OBJECTS);
}
