import type { Box, Point } from './analysis.ts';

/** Whole pixels, at least 1 x 1, inside the image. */
export function toPixels(box: Box, image: { width: number; height: number }): Box {
  const left = clamp(Math.round(box.left), 0, image.width - 1);
  const top = clamp(Math.round(box.top), 0, image.height - 1);
  return {
    left,
    top,
    width: clamp(Math.round(box.left + box.width) - left, 1, image.width - left),
    height: clamp(Math.round(box.top + box.height) - top, 1, image.height - top),
  };
}

export const area = (box: Box): number => box.width * box.height;

/** Area that two boxes share. */
export function intersection(a: Box, b: Box): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  return Math.max(0, width) * Math.max(0, height);
}

/** The smallest upright box around points. */
export function boundsOf(points: readonly Point[]): Box {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const left = Math.min(...xs);
  const top = Math.min(...ys);
  return { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
}

/** The smallest upright box around boxes. */
export function union(boxes: readonly Box[]): Box {
  return boundsOf(
    boxes.flatMap(({ left, top, width, height }) => [
      { x: left, y: top },
      { x: left + width, y: top + height },
    ]),
  );
}

/** Turns a point clockwise (as seen, y pointing down) around a centre. */
export function rotate(point: Point, centre: Point, degrees: number): Point {
  const radians = (degrees * Math.PI) / 180;
  const x = point.x - centre.x;
  const y = point.y - centre.y;
  return {
    x: centre.x + x * Math.cos(radians) - y * Math.sin(radians),
    y: centre.y + x * Math.sin(radians) + y * Math.cos(radians),
  };
}

const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));
