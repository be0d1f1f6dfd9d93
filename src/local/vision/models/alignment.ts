import type { Point } from '../analysis.ts';
import { cutPatch } from './patch.ts';
import type { Pixels } from './pixels.ts';
import { fitSimilarity, type Similarity } from './transform.ts';

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

/**
 * From chip pixels to image pixels, for a face with these 68 landmarks, as dlib aligns faces: eyebrows (17-26) and
 * lower lip (55-59) are left out of the fit because expressions move them.
 */
export function chipToImage(landmarks: readonly Point[]): Similarity {
  const chip: Point[] = [];
  const image: Point[] = [];
  for (let i = 27; i < 68; i++) {
    const point = landmarks[i];
    if ((i >= 55 && i <= 59) || point === undefined) continue;
    chip.push(meanPoint(i));
    image.push(point);
  }
  return fitSimilarity(chip, image);
}

/** Where point `i` of the mean face stands on the chip. */
function meanPoint(i: number): Point {
  const place = (mean = 0) => ((CHIP_PADDING + mean) / (2 * CHIP_PADDING + 1)) * CHIP_SIDE;
  return { x: place(MEAN_X[i - 17]), y: place(MEAN_Y[i - 17]) };
}

/** The aligned face: RGB, 0 to 255, {@link CHIP_SIDE} squared; black outside the image, as in dlib. */
export function cutChip(image: Pixels, transform: Similarity): Float32Array {
  return cutPatch(image, transform, CHIP_SIDE);
}
