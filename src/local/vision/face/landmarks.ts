import type { Point } from '../analysis.ts';

/**
 * The service's 27 landmarks from the 68 points of the iBUG layout. Left and right are the viewer's, in both. Pupils
 * are taken as eye centres; nose root and alar top lie between the points named.
 */
const SOURCES: Record<string, readonly number[]> = {
  pupilLeft: [36, 37, 38, 39, 40, 41],
  pupilRight: [42, 43, 44, 45, 46, 47],
  noseTip: [30],
  mouthLeft: [48],
  mouthRight: [54],
  eyebrowLeftOuter: [17],
  eyebrowLeftInner: [21],
  eyeLeftOuter: [36],
  eyeLeftTop: [37, 38],
  eyeLeftBottom: [40, 41],
  eyeLeftInner: [39],
  eyebrowRightInner: [22],
  eyebrowRightOuter: [26],
  eyeRightInner: [42],
  eyeRightTop: [43, 44],
  eyeRightBottom: [46, 47],
  eyeRightOuter: [45],
  noseRootLeft: [27, 39],
  noseRootRight: [27, 42],
  noseLeftAlarTop: [29, 31],
  noseRightAlarTop: [29, 35],
  noseLeftAlarOutTip: [31],
  noseRightAlarOutTip: [35],
  upperLipTop: [51],
  upperLipBottom: [62],
  underLipTop: [66],
  underLipBottom: [57],
};

/** Pixels of the upright image, to a tenth. */
export function toFaceLandmarks(points: readonly Point[]): Record<string, Point> {
  return Object.fromEntries(Object.entries(SOURCES).map(([name, sources]) => [name, mean(points, sources)]));
}

function mean(points: readonly Point[], sources: readonly number[]): Point {
  let x = 0;
  let y = 0;
  for (const source of sources) {
    const point = points[source];
    if (!point) throw new RangeError(`68 landmarks expected, ${points.length} found.`);
    x += point.x;
    y += point.y;
  }
  const tenth = (value: number) => Math.round((value / sources.length) * 10) / 10;
  return { x: tenth(x), y: tenth(y) };
}
