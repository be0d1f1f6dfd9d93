import { boxAround, corners, type OrientedBox, stretchBox } from './oriented-box.ts';
import { crop, type Pixels, stretch } from './pixels.ts';
import { isPrinted } from './printed.ts';
import { saysSomething } from './text-look.ts';
import type { TextNets } from './text-nets.ts';
import { textRegions } from './text-regions.ts';
import { windowsOf } from './windows.ts';

/** Longer sides, in pixels, at which the detector sees a picture: a look whether there is text, to read it, small print. */
const LOOK_SIDE = 480;
const READ_SIDE = 960;
const FINE_SIDE = 1600;

/** Regions lower than this, in the detector's pixels, are small print: it is looked at again, larger. */
const SMALL = 15;

/** How near to a window's inner edge a region counts as cut, in the detector's pixels. */
const EDGE = 3;

/** Lines that two windows show: how far apart across, in heights of the lower, and how differently high and turned. */
const MAX_OFFSET = 0.5;
const MAX_HEIGHT_RATIO = 2;
const MAX_TURN = Math.PI / 18;

/**
 * Where text stands, in pixels of the picture: boxes within 45 degrees of level, whichever way the text runs.
 *
 * @param thorough finds small print, too, which the look at a small copy does not see
 */
export async function findText(nets: TextNets, picture: Pixels, thorough: boolean): Promise<OrientedBox[]> {
  const windows = windowsOf(picture.width, picture.height);
  const found: OrientedBox[] = [];
  for (const window of windows) {
    const part = windows.length === 1 ? picture : crop(picture, window).pixels;
    for (const box of await findInPart(nets, part, thorough)) {
      const placed = { ...box, x: box.x + window.left, y: box.y + window.top };
      if (!isCut(placed, window, picture)) found.push(placed);
    }
  }
  return windows.length === 1 ? found : mergeSeams(found);
}

async function findInPart(nets: TextNets, part: Pixels, thorough: boolean): Promise<OrientedBox[]> {
  const side = Math.max(part.width, part.height);
  if (!thorough && side > LOOK_SIDE && !(await showsText(nets, part))) return [];
  const regions = await regionsAt(nets, part, READ_SIDE);
  if (side <= READ_SIDE) return regions;
  const scale = READ_SIDE / side;
  const heights = regions.map(({ width, height }) => Math.min(width, height) * scale).sort((a, b) => a - b);
  const small = heights[Math.floor(heights.length / 4)] ?? (thorough ? 0 : SMALL);
  return small < SMALL ? regionsAt(nets, part, FINE_SIDE) : regions;
}

/** What is printed on paper is read however small it is; on a photograph it must be large enough to be seen at a look. */
async function showsText(nets: TextNets, part: Pixels): Promise<boolean> {
  return isPrinted(part) || saysSomething(nets, part, await regionsAt(nets, part, LOOK_SIDE));
}

async function regionsAt(nets: TextNets, part: Pixels, side: number): Promise<OrientedBox[]> {
  const factor = Math.min(1, side / Math.max(part.width, part.height));
  const multiple = (length: number) => Math.max(32, Math.round((length * factor) / 32) * 32);
  const small = await stretch(part, multiple(part.width), multiple(part.height));
  return textRegions(await nets.detect(small), small.width, small.height).map((region) =>
    stretchBox(region, part.width / small.width, part.height / small.height),
  );
}

/** Whether a window's inner edge cuts a region that the neighbouring window shows whole. */
function isCut(box: OrientedBox, window: Window, picture: Pixels): boolean {
  const near = (EDGE * Math.max(window.width, window.height)) / READ_SIDE;
  const { left, right, top, bottom } = bounds(box);
  const along = window.width < picture.width ? right - left : bottom - top;
  if (along > SHOWN_WHOLE) return false;
  return (
    (window.left > 0 && left < window.left + near) ||
    (window.top > 0 && top < window.top + near) ||
    (window.left + window.width < picture.width && right > window.left + window.width - near) ||
    (window.top + window.height < picture.height && bottom > window.top + window.height - near)
  );
}

type Window = ReturnType<typeof windowsOf>[number];

/** Shorter than what windows share, with room to spare. */
const SHOWN_WHOLE = 400;

/** Regions of overlapping windows: what is one line becomes one box. */
function mergeSeams(boxes: readonly OrientedBox[]): OrientedBox[] {
  const merged: OrientedBox[] = [];
  for (const box of boxes) {
    let whole = box;
    for (let at = merged.findIndex((other) => isSameLine(other, whole)); at >= 0; ) {
      const [other = whole] = merged.splice(at, 1);
      const { angle } = other.width > whole.width ? other : whole;
      whole = boxAround([...corners(other), ...corners(whole)], angle);
      at = merged.findIndex((next) => isSameLine(next, whole));
    }
    merged.push(whole);
  }
  return merged;
}

function isSameLine(a: OrientedBox, b: OrientedBox): boolean {
  if (Math.abs(a.angle - b.angle) > MAX_TURN) return false;
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const u = Math.abs(dx * Math.cos(a.angle) + dy * Math.sin(a.angle));
  const v = Math.abs(dy * Math.cos(a.angle) - dx * Math.sin(a.angle));
  // Text that runs down has its height where other text has its width.
  const down = a.height > a.width && b.height > b.width;
  const [along, across] = down ? [v, u] : [u, v];
  const length = (box: OrientedBox) => (down ? box.height : box.width);
  const height = (box: OrientedBox) => (down ? box.width : box.height);
  const [low, high] = [Math.min(height(a), height(b)), Math.max(height(a), height(b))];
  return (
    along < (length(a) + length(b)) / 2 - low / 2 &&
    across < MAX_OFFSET * low &&
    high < MAX_HEIGHT_RATIO * low
  );
}

/** The upright box around a turned one. */
export function bounds(box: OrientedBox): { left: number; right: number; top: number; bottom: number } {
  const points = corners(box);
  const xs = points.map((p) => p.x);
  const ys = points.map((p) => p.y);
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}
