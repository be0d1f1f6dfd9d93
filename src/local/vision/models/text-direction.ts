import { type OrientedBox, readTurned } from './oriented-box.ts';

/** A region this much longer than high shows by its shape which way its text runs. */
const ELONGATED = 1.6;

/** A single letter can be this much higher than wide; what is longer still is text that runs the other way. */
const SINGLE_LETTER = 3;

/** Whether the lines of a page run down (or up) the picture rather than across it: most of their length decides. */
export function runsDown(regions: readonly OrientedBox[]): boolean {
  let [across, down] = [0, 0];
  for (const { width, height } of regions) {
    if (width > height * ELONGATED) across += width;
    else if (height > width * ELONGATED) down += height;
  }
  return down > across;
}

/**
 * The ways in which a region may be read on a page whose lines run down or not, the likelier first; upside down not
 * counted.
 */
export function waysToRead(region: OrientedBox, down: boolean): OrientedBox[] {
  const withPage = down ? readTurned(region, 1) : region;
  const against = down ? region : readTurned(region, 1);
  if (withPage.height <= withPage.width * ELONGATED) return [withPage];
  return withPage.height > withPage.width * SINGLE_LETTER ? [against] : [withPage, against];
}

/** The angle, in radians, that most of the boxes' length is turned by: the weighted median, around the first's. */
export function medianAngle(boxes: readonly OrientedBox[]): number {
  const [longest] = boxes.toSorted((a, b) => b.width - a.width);
  if (longest === undefined) return 0;
  const around = boxes
    .map(({ angle, width }) => ({ turn: normal(angle - longest.angle), width }))
    .sort((a, b) => a.turn - b.turn);
  const half = around.reduce((sum, { width }) => sum + width, 0) / 2;
  let passed = 0;
  const median = around.find(({ width }) => {
    passed += width;
    return passed >= half;
  });
  return normal(longest.angle + (median?.turn ?? 0));
}

/** Above -pi, up to pi. */
function normal(angle: number): number {
  return Math.PI - ((((Math.PI - angle) % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI));
}

/** The box in a picture turned clockwise around its corner by an angle in radians. */
export function turnBox(box: OrientedBox, angle: number): OrientedBox {
  return { ...box, ...turnPoint(box, angle), angle: normal(box.angle + angle) };
}

export function turnPoint({ x, y }: { x: number; y: number }, angle: number): { x: number; y: number } {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return { x: x * cos - y * sin, y: x * sin + y * cos };
}
