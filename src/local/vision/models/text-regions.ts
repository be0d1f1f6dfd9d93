import type { Point } from '../analysis.ts';
import { type OrientedBox, smallestBox } from './oriented-box.ts';

/** A pixel of the probability map above this is text; a region's mean must reach the other. */
const PIXEL_THRESHOLD = 0.1;
const REGION_THRESHOLD = 0.3;

/** The detector marks the shrunken core of a line; its box grows by this share of area over perimeter (DB, 2020). */
const UNCLIP = 2;

const MIN_PIXELS = 12;
const MIN_SIDE = 3;

/**
 * Boxes of the text regions in a probability map, in its pixels: 8-connected components of what is above the
 * threshold, the smallest turned rectangle around each, grown by {@link UNCLIP}.
 *
 * @param map row by row, 0 to 1
 */
export function textRegions(map: ArrayLike<number>, width: number, height: number): OrientedBox[] {
  const seen = new Uint8Array(width * height);
  const stack = new Int32Array(width * height);
  const boxes: OrientedBox[] = [];
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] || (map[start] ?? 0) <= PIXEL_THRESHOLD) continue;
    const region = flood(map, width, height, start, seen, stack);
    if (region.pixels < MIN_PIXELS || region.sum / region.pixels < REGION_THRESHOLD) continue;
    const box = smallestBox(outline(region.rows));
    if (Math.min(box.width, box.height) < MIN_SIDE) continue;
    const growth = (box.width * box.height * UNCLIP) / (box.width + box.height);
    boxes.push({ ...box, width: box.width + growth, height: box.height + growth });
  }
  return boxes;
}

interface Region {
  pixels: number;
  sum: number;
  /** First and last column of each row. */
  rows: Map<number, [first: number, last: number]>;
}

function flood(
  map: ArrayLike<number>,
  width: number,
  height: number,
  start: number,
  seen: Uint8Array,
  stack: Int32Array,
): Region {
  const region: Region = { pixels: 0, sum: 0, rows: new Map() };
  let top = 0;
  stack[top++] = start;
  seen[start] = 1;
  while (top > 0) {
    const at = stack[--top] ?? 0;
    const x = at % width;
    const y = (at - x) / width;
    region.pixels++;
    region.sum += map[at] ?? 0;
    const row = region.rows.get(y);
    if (row === undefined) region.rows.set(y, [x, x]);
    else region.rows.set(y, [Math.min(row[0], x), Math.max(row[1], x)]);
    for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
      for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
        const next = ny * width + nx;
        if (seen[next] || (map[next] ?? 0) <= PIXEL_THRESHOLD) continue;
        seen[next] = 1;
        stack[top++] = next;
      }
    }
  }
  return region;
}

function outline(rows: Region['rows']): Point[] {
  return [...rows].flatMap(([y, [first, last]]) => [
    { x: first, y },
    { x: last + 1, y },
    { x: first, y: y + 1 },
    { x: last + 1, y: y + 1 },
  ]);
}
