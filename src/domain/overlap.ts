import type { Rectangle } from './rectangle.ts';

/** Overlap above which two rectangles are the same face, as Immich decides it when it detects faces again. */
export const SAME_FACE_OVERLAP = 0.5;

/** Intersection over union, 0 to 1. */
export function overlap(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}

/**
 * Pairs rectangles of two detections of one image that show the same face, best overlap first, each at most once.
 *
 * @returns for each of `ones` the index in `others`, or undefined
 */
export function pairByOverlap(
  ones: readonly Rectangle[],
  others: readonly Rectangle[],
): (number | undefined)[] {
  const candidates = ones
    .flatMap((one, i) => others.map((other, j) => ({ i, j, value: overlap(one, other) })))
    .filter(({ value }) => value > SAME_FACE_OVERLAP)
    .sort((a, b) => b.value - a.value);
  const result: (number | undefined)[] = ones.map(() => undefined);
  const taken = new Set<number>();
  for (const { i, j } of candidates) {
    if (result[i] !== undefined || taken.has(j)) continue;
    result[i] = j;
    taken.add(j);
  }
  return result;
}
