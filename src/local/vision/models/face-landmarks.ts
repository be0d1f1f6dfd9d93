import type { Box, Point } from '../analysis.ts';
import { chipToImage } from './alignment.ts';
import { type FaceNets, LANDMARKS_SIDE } from './face-nets.ts';
import { cutPatch } from './patch.ts';
import type { Pixels } from './pixels.ts';
import { applySimilarity, centre, type Similarity } from './transform.ts';

export interface FoundLandmarks {
  /** 68 points, pixels of the image. */
  landmarks: Point[];
  /** How far a second look moved the points, in sizes of the face: {@link isSteady}. */
  shift: number;
  /** Quarter turns, clockwise, that bring the face upright to within an eighth of a turn. */
  quarters: 0 | 1 | 2 | 3;
}

/**
 * Side of the square of the second look, in sizes of the first look's points. Chosen over three of the rendered people
 * in eleven kinds of damage, and no worse than one look on the three others.
 */
const SECOND_SIDE = 1.2;

/**
 * Upright faces move by 0.007 to 0.018 of their size, faces on their side or head and what is no face by 0.06 and
 * more (rendered people and photographs, each turned by 0, 90, 180 and 270 degrees).
 */
const STEADY = 0.035;

/** Other angles at which an unsteady face is looked at: first the turns of a camera, then what lies between. */
const EIGHTH = Math.PI / 4;
const OTHER_ANGLES = [2, 6, 4, 1, 7].map((eighths) => eighths * EIGHTH);

export const isSteady = ({ shift }: FoundLandmarks): boolean => shift < STEADY;

/**
 * The landmarks of the face in a box, looked at twice: the second look is at a square that stands upright on what the
 * first found. A face whose points do not stay where they were is looked at from its sides and upside down, too.
 */
export async function findLandmarks(nets: FaceNets, image: Pixels, box: Box): Promise<FoundLandmarks> {
  let best = await lookTwice(nets, image, box, 0);
  for (const angle of OTHER_ANGLES) {
    if (isSteady(best)) break;
    const other = await lookTwice(nets, image, box, angle);
    // Only a steady one is another answer; of two that are not, the upright one stays.
    if (isSteady(other)) best = other;
  }
  return best;
}

async function lookTwice(nets: FaceNets, image: Pixels, box: Box, angle: number): Promise<FoundLandmarks> {
  const middle = { x: box.left + box.width / 2, y: box.top + box.height / 2 };
  const first = await look(nets, image, squareAt(middle, Math.max(box.width, box.height), angle));
  const { transform, size } = secondSquare(first);
  const landmarks = await look(nets, image, transform);
  const moved = landmarks.reduce(
    (sum, { x, y }, i) => sum + Math.hypot(x - (first[i]?.x ?? x), y - (first[i]?.y ?? y)),
    0,
  );
  return { landmarks, shift: moved / landmarks.length / size, quarters: quartersOf(landmarks) };
}

async function look(nets: FaceNets, image: Pixels, transform: Similarity): Promise<Point[]> {
  const patch = cutPatch(image, transform, LANDMARKS_SIDE);
  const data = new Uint8Array(patch.length);
  // Rounded, for the network takes bytes.
  for (let i = 0; i < data.length; i++) data[i] = (patch[i] as number) + 0.5;
  const points = await nets.landmarks({ data, width: LANDMARKS_SIDE, height: LANDMARKS_SIDE });
  const at = (share = 0) => share * LANDMARKS_SIDE - 0.5;
  return Array.from({ length: points.length / 2 }, (_, i) =>
    applySimilarity(transform, { x: at(points[2 * i]), y: at(points[2 * i + 1]) }),
  );
}

/** From a patch to a square of the image around `middle`, its top turned clockwise by `angle` (radians). */
function squareAt(middle: Point, side: number, angle: number): Similarity {
  const scale = side / LANDMARKS_SIDE;
  const [a, b] = [scale * Math.cos(angle), scale * Math.sin(angle)];
  const half = (LANDMARKS_SIDE - 1) / 2;
  return { a, b, tx: middle.x - (a - b) * half, ty: middle.y - (b + a) * half };
}

function secondSquare(landmarks: readonly Point[]): { transform: Similarity; size: number } {
  const angle = rollOf(landmarks);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const level = landmarks.map(({ x, y }) => ({ x: x * cos + y * sin, y: y * cos - x * sin }));
  const [xs, ys] = [level.map(({ x }) => x), level.map(({ y }) => y)];
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const size = Math.max(right - left, bottom - top, 1);
  const [u, v] = [(left + right) / 2, (top + bottom) / 2];
  const middle = { x: u * cos - v * sin, y: u * sin + v * cos };
  return { transform: squareAt(middle, SECOND_SIDE * size, angle), size };
}

function rollOf(landmarks: readonly Point[]): number {
  const { a, b } = chipToImage(landmarks);
  return Math.atan2(b, a);
}

function quartersOf(landmarks: readonly Point[]): FoundLandmarks['quarters'] {
  const eyes = centre(landmarks.slice(36, 48));
  const mouth = centre(landmarks.slice(48));
  // Upright, the mouth is below the eyes. A picture turned clockwise by a quarter has it to their left.
  const angle = Math.atan2(eyes.x - mouth.x, mouth.y - eyes.y);
  return ((4 - Math.round(angle / (Math.PI / 2))) % 4) as FoundLandmarks['quarters'];
}
