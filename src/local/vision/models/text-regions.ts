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
  const spans = { first: new Int32Array(height).fill(width), last: new Int32Array(height).fill(-1) };
  const boxes: OrientedBox[] = [];
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] || (map[start] ?? 0) <= PIXEL_THRESHOLD) continue;
    const region = flood(map, width, height, start, seen, stack, spans);
    const points = takeOutline(spans, region, width);
    if (region.pixels < MIN_PIXELS || region.sum / region.pixels < REGION_THRESHOLD) continue;
    const box = smallestBox(points);
    if (Math.min(box.width, box.height) < MIN_SIDE) continue;
    const growth = (box.width * box.height * UNCLIP) / (box.width + box.height);
    boxes.push({ ...box, width: box.width + growth, height: box.height + growth });
  }
  return boxes;
}

interface Region {
  pixels: number;
  sum: number;
  top: number;
  bottom: number;
}

/** First and last column of the region under way in each row; where it has none, the first is behind the last. */
interface Spans {
  first: Int32Array;
  last: Int32Array;
}

function flood(
  map: ArrayLike<number>,
  width: number,
  height: number,
  start: number,
  seen: Uint8Array,
  stack: Int32Array,
  { first, last }: Spans,
): Region {
  const region: Region = { pixels: 0, sum: 0, top: height, bottom: -1 };
  let size = 0;
  stack[size++] = start;
  seen[start] = 1;
  while (size > 0) {
    const at = stack[--size] as number;
    const x = at % width;
    const y = (at - x) / width;
    region.pixels++;
    region.sum += map[at] as number;
    region.top = Math.min(region.top, y);
    region.bottom = Math.max(region.bottom, y);
    first[y] = Math.min(first[y] as number, x);
    last[y] = Math.max(last[y] as number, x);
    const [left, right] = [Math.max(0, x - 1), Math.min(width - 1, x + 1)];
    for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
      for (let next = ny * width + left; next <= ny * width + right; next++) {
        if (seen[next] || (map[next] as number) <= PIXEL_THRESHOLD) continue;
        seen[next] = 1;
        stack[size++] = next;
      }
    }
  }
  return region;
}

/** The corners of a region's rows; the spans are free for the next region afterwards. */
function takeOutline({ first, last }: Spans, { top, bottom }: Region, width: number): Point[] {
  const points: Point[] = [];
  for (let y = top; y <= bottom; y++) {
    const [from, to] = [first[y] as number, (last[y] as number) + 1];
    points.push({ x: from, y }, { x: to, y }, { x: from, y: y + 1 }, { x: to, y: y + 1 });
    first[y] = width;
    last[y] = -1;
  }
  return points;
}
