import type { Box } from '../analysis.ts';

export function area({ width, height }: Box): number {
  return width * height;
}

/** Area that two boxes share. */
export function intersection(a: Box, b: Box): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  return Math.max(0, width) * Math.max(0, height);
}

/** Intersection over union, 0 to 1. */
export function overlap(a: Box, b: Box): number {
  const common = intersection(a, b);
  return common / (area(a) + area(b) - common);
}
