import type { Point } from '../analysis.ts';
import type { Pixels } from './pixels.ts';

/** A rectangle that may be turned: `width` runs along `angle` (radians, clockwise in the picture), `height` across. */
export interface OrientedBox {
  x: number;
  y: number;
  width: number;
  height: number;
  angle: number;
}

type Quad = [Point, Point, Point, Point];

/** The four corners, clockwise from the box's own top left. */
export function corners(box: OrientedBox): Quad {
  return [pointIn(box, 0, 0), pointIn(box, 1, 0), pointIn(box, 1, 1), pointIn(box, 0, 1)];
}

/** The part of a box between two shares of its width, 0 to 1. */
export function slice(box: OrientedBox, from: number, to: number): OrientedBox {
  return { ...box, ...pointIn(box, (from + to) / 2, 0.5), width: box.width * (to - from) };
}

/** The same rectangle read in another direction: turned by quarters, its sides renamed. */
export function readTurned(box: OrientedBox, quarters: number): OrientedBox {
  const angle = box.angle + (quarters * Math.PI) / 2;
  return quarters % 2 === 0 ? { ...box, angle } : { ...box, angle, width: box.height, height: box.width };
}

/** Where shares (u, v) of the box's width and height lie. */
function pointIn({ x, y, width, height, angle }: OrientedBox, u: number, v: number): Point {
  const along = (u - 0.5) * width;
  const across = (v - 0.5) * height;
  return {
    x: x + along * Math.cos(angle) - across * Math.sin(angle),
    y: y + along * Math.sin(angle) + across * Math.cos(angle),
  };
}

/** The box in a picture stretched by the two factors. */
export function stretchBox({ x, y, width, height, angle }: OrientedBox, sx: number, sy: number): OrientedBox {
  const along = { x: Math.cos(angle) * sx, y: Math.sin(angle) * sy };
  const across = { x: -Math.sin(angle) * sx, y: Math.cos(angle) * sy };
  return {
    x: x * sx,
    y: y * sy,
    width: width * Math.hypot(along.x, along.y),
    height: height * Math.hypot(across.x, across.y),
    angle: Math.atan2(along.y, along.x),
  };
}

/**
 * The rectangle of least area around the points, its angle within 45 degrees of level. One of its sides lies on an
 * edge of the convex hull (Freeman and Shapira, 1975), so each edge is tried.
 */
export function smallestBox(points: readonly Point[]): OrientedBox {
  const hull = convexHull(points);
  let best: OrientedBox | undefined;
  for (const [i, p] of hull.entries()) {
    const q = hull[(i + 1) % hull.length] ?? p;
    const quarter = Math.PI / 2;
    const slope = Math.atan2(q.y - p.y, q.x - p.x);
    const box = boxAround(hull, slope - Math.round(slope / quarter) * quarter);
    if (best === undefined || box.width * box.height < best.width * best.height) best = box;
  }
  if (best === undefined) throw new RangeError('A box needs at least one point.');
  return best;
}

/** The smallest rectangle at an angle that holds all points. */
export function boxAround(points: readonly Point[], angle: number): OrientedBox {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { x, y } of points) {
    const u = x * cos + y * sin;
    const v = y * cos - x * sin;
    left = Math.min(left, u);
    right = Math.max(right, u);
    top = Math.min(top, v);
    bottom = Math.max(bottom, v);
  }
  const [u, v] = [(left + right) / 2, (top + bottom) / 2];
  return { x: u * cos - v * sin, y: u * sin + v * cos, width: right - left, height: bottom - top, angle };
}

/** Andrew's monotone chain. */
function convexHull(points: readonly Point[]): Point[] {
  const sorted = points.toSorted((a, b) => a.x - b.x || a.y - b.y);
  if (sorted.length < 3) return sorted;
  return [...chain(sorted), ...chain(sorted.reverse())];
}

function chain(sorted: readonly Point[]): Point[] {
  const half: Point[] = [];
  for (const point of sorted) {
    for (;;) {
      const [a, b] = [half.at(-2), half.at(-1)];
      if (!a || !b || (b.x - a.x) * (point.y - a.y) > (b.y - a.y) * (point.x - a.x)) break;
      half.pop();
    }
    half.push(point);
  }
  return half.slice(0, -1);
}

/**
 * What the box holds, turned level and stretched to the size given. A pixel is the mean of as many bilinear samples
 * as keep large text from aliasing (at most 4 x 4); beyond the image its border goes on.
 */
export function cutBox(image: Pixels, box: OrientedBox, width: number, height: number): Pixels {
  const cut = new Uint8Array(width * height * 3);
  const samples = Math.max(1, Math.min(4, Math.round(Math.max(box.width / width, box.height / height))));
  const [cos, sin] = [Math.cos(box.angle), Math.sin(box.angle)];
  const along = places(box.width, width, samples);
  const across = places(box.height, height, samples);
  const { data } = image;
  const right = image.width - 1;
  const bottom = image.height - 1;
  const pitch = image.width * 3;
  const share = 1 / (samples * samples);
  // Neither calls nor objects within: a page of text is some ten million samples.
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let row = y * samples; row < (y + 1) * samples; row++) {
        const v = across[row] as number;
        const fromX = box.x - v * sin - 0.5;
        const fromY = box.y + v * cos - 0.5;
        for (let column = x * samples; column < (x + 1) * samples; column++) {
          const u = along[column] as number;
          let px = fromX + u * cos;
          let py = fromY + u * sin;
          if (px < 0) px = 0;
          else if (px > right) px = right;
          if (py < 0) py = 0;
          else if (py > bottom) py = bottom;
          // Whole numbers, for both are positive.
          const left = px | 0;
          const top = py | 0;
          const fx = px - left;
          const fy = py - top;
          const a = top * pitch + left * 3;
          const b = left < right ? a + 3 : a;
          const c = top < bottom ? a + pitch : a;
          const d = c + b - a;
          const wd = fx * fy;
          const wb = fx - wd;
          const wc = fy - wd;
          const wa = 1 - fx - wc;
          red += wa * byte(data, a) + wb * byte(data, b) + wc * byte(data, c) + wd * byte(data, d);
          green +=
            wa * byte(data, a + 1) + wb * byte(data, b + 1) + wc * byte(data, c + 1) + wd * byte(data, d + 1);
          blue +=
            wa * byte(data, a + 2) + wb * byte(data, b + 2) + wc * byte(data, c + 2) + wd * byte(data, d + 2);
        }
      }
      cut[to] = red * share;
      cut[to + 1] = green * share;
      cut[to + 2] = blue * share;
    }
  }
  return { data: cut, width, height };
}

/** Where the samples of a row of pixels lie along a side of the box, from its middle. */
function places(side: number, pixels: number, samples: number): Float64Array {
  const count = pixels * samples;
  return Float64Array.from({ length: count }, (_, i) => ((i + 0.5) / count - 0.5) * side);
}

const byte = (data: Uint8Array, at: number): number => data[at] as number;
