import type { Point } from '../analysis.ts';
import type { Pixels } from './pixels.ts';

/** Side of the aligned chip that the faceprint network was trained on, in pixels. */
export const CHIP_SIDE = 150;

/** Free space around the mean face, as a share of its size: dlib's own choice for its face recognition network. */
const CHIP_PADDING = 0.25;

/** dlib's mean face: x and y of iBUG points 17 to 67 in the unit square (constants published with dlib). */
const MEAN_X = [
  0.000213256, 0.0752622, 0.18113, 0.29077, 0.393397, 0.586856, 0.689483, 0.799124, 0.904991, 0.98004,
  0.490127, 0.490127, 0.490127, 0.490127, 0.36688, 0.426036, 0.490127, 0.554217, 0.613373, 0.121737, 0.187122,
  0.265825, 0.334606, 0.260918, 0.182743, 0.645647, 0.714428, 0.793132, 0.858516, 0.79751, 0.719335, 0.254149,
  0.340985, 0.428858, 0.490127, 0.551395, 0.639268, 0.726104, 0.642159, 0.556721, 0.490127, 0.423532,
  0.338094, 0.290379, 0.428096, 0.490127, 0.552157, 0.689874, 0.553364, 0.490127, 0.42689,
];
const MEAN_Y = [
  0.106454, 0.038915, 0.0187482, 0.0344891, 0.0773906, 0.0773906, 0.0344891, 0.0187482, 0.038915, 0.106454,
  0.203352, 0.307009, 0.409805, 0.515625, 0.587326, 0.609345, 0.628106, 0.609345, 0.587326, 0.216423,
  0.178758, 0.179852, 0.231733, 0.245099, 0.244077, 0.231733, 0.179852, 0.178758, 0.216423, 0.244077,
  0.245099, 0.780233, 0.745405, 0.727388, 0.742578, 0.727388, 0.745405, 0.780233, 0.864805, 0.902192,
  0.909281, 0.902192, 0.864805, 0.784792, 0.778746, 0.785343, 0.778746, 0.784792, 0.824182, 0.831803,
  0.824182,
];

/** A turn, a scale and a shift: x' = a x - b y + tx, y' = b x + a y + ty. */
export interface Similarity {
  a: number;
  b: number;
  tx: number;
  ty: number;
}

export function applySimilarity({ a, b, tx, ty }: Similarity, { x, y }: Point): Point {
  return { x: a * x - b * y + tx, y: b * x + a * y + ty };
}

/** The similarity that maps `from` onto `to` with the least sum of squared distances. */
export function fitSimilarity(from: readonly Point[], to: readonly Point[]): Similarity {
  const centreFrom = centre(from);
  const centreTo = centre(to);
  let dot = 0;
  let cross = 0;
  let spread = 0;
  for (const [i, p] of from.entries()) {
    const q = to[i];
    if (q === undefined) throw new RangeError('Both lists of points must have the same length.');
    const [x, y, u, v] = [p.x - centreFrom.x, p.y - centreFrom.y, q.x - centreTo.x, q.y - centreTo.y];
    dot += x * u + y * v;
    cross += x * v - y * u;
    spread += x * x + y * y;
  }
  const a = dot / spread;
  const b = cross / spread;
  return {
    a,
    b,
    tx: centreTo.x - a * centreFrom.x + b * centreFrom.y,
    ty: centreTo.y - b * centreFrom.x - a * centreFrom.y,
  };
}

export function centre(points: readonly Point[]): Point {
  const sum = points.reduce((total, p) => ({ x: total.x + p.x, y: total.y + p.y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}

/**
 * From chip pixels to image pixels, for a face with these 68 landmarks, as dlib aligns faces: eyebrows (17-26) and
 * lower lip (55-59) are left out of the fit because expressions move them.
 */
export function chipToImage(landmarks: readonly Point[]): Similarity {
  const chip: Point[] = [];
  const image: Point[] = [];
  const place = (mean: number) => ((CHIP_PADDING + mean) / (2 * CHIP_PADDING + 1)) * CHIP_SIDE;
  for (let i = 27; i < 68; i++) {
    const [point, x, y] = [landmarks[i], MEAN_X[i - 17], MEAN_Y[i - 17]];
    if ((i >= 55 && i <= 59) || point === undefined || x === undefined || y === undefined) continue;
    chip.push({ x: place(x), y: place(y) });
    image.push(point);
  }
  return fitSimilarity(chip, image);
}

/**
 * The aligned face: RGB, 0 to 255, {@link CHIP_SIDE} squared. A chip pixel is the mean of as many bilinear samples as
 * keep a large face from aliasing (at most 6 x 6); what lies outside the image is black, as in dlib.
 */
export function cutChip(image: Pixels, transform: Similarity): Float32Array {
  const chip = new Float32Array(CHIP_SIDE * CHIP_SIDE * 3);
  const samples = Math.max(1, Math.min(6, Math.round(Math.hypot(transform.a, transform.b))));
  const weight = 1 / (samples * samples);
  for (let y = 0; y < CHIP_SIDE; y++) {
    for (let x = 0; x < CHIP_SIDE; x++) {
      const at = (y * CHIP_SIDE + x) * 3;
      for (let s = 0; s < samples * samples; s++) {
        const point = applySimilarity(transform, {
          x: x + ((s % samples) + 0.5) / samples - 0.5,
          y: y + (Math.floor(s / samples) + 0.5) / samples - 0.5,
        });
        addSample(image, point, weight, chip, at);
      }
    }
  }
  return chip;
}

function addSample(
  { data, width, height }: Pixels,
  p: Point,
  weight: number,
  into: Float32Array,
  at: number,
) {
  const left = Math.floor(p.x);
  const top = Math.floor(p.y);
  for (let corner = 0; corner < 4; corner++) {
    const x = left + (corner & 1);
    const y = top + (corner >> 1);
    if (x < 0 || y < 0 || x >= width || y >= height) continue;
    const share = weight * (1 - Math.abs(p.x - x)) * (1 - Math.abs(p.y - y));
    const from = (y * width + x) * 3;
    for (let c = 0; c < 3; c++) into[at + c] = (into[at + c] ?? 0) + share * (data[from + c] ?? 0);
  }
}
