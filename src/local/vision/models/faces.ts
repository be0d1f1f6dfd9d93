import type { AnalyzedFace, Box, Point } from '../analysis.ts';
import { CHIP_SIDE, chipToImage, cutChip } from './alignment.ts';
import { chipQuality } from './chip-quality.ts';
import type { Frame } from './decode.ts';
import type { FaceNets } from './face-nets.ts';
import { searchFaces } from './face-search.ts';
import { headPose } from './head-pose.ts';
import { clamp } from './pixels.ts';

type FaceReader = (frame: Frame) => Promise<AnalyzedFace[]>;

export type PrintFace = (nets: Pick<FaceNets, 'faceprint'>, chip: Float32Array) => Promise<Float32Array>;

/** Of a face as it stands. Never changed: prints that are kept were made with it (docs/models.md). */
export const plainPrint: PrintFace = (nets, chip) => nets.faceprint(chip);

/**
 * The mean of the prints of a face and of its mirror image: a face lit or turned to one side comes nearer to itself. It is
 * no print that the plain ones may be compared with. Never changed, either.
 */
export const mirroredPrint: PrintFace = async (nets, chip) => {
  const [one, other] = [await nets.faceprint(chip), await nets.faceprint(mirrorChip(chip))];
  return one.map((value, at) => (value + (other[at] ?? 0)) / 2);
};

function mirrorChip(chip: Float32Array): Float32Array {
  const mirrored = new Float32Array(chip.length);
  for (let row = 0; row < CHIP_SIDE; row += 1)
    for (let column = 0; column < CHIP_SIDE; column += 1)
      for (let channel = 0; channel < 3; channel += 1)
        mirrored[(row * CHIP_SIDE + column) * 3 + channel] =
          chip[(row * CHIP_SIDE + CHIP_SIDE - 1 - column) * 3 + channel] ?? 0;
  return mirrored;
}

/** The reader finds every face of an image, from left to right. */
export function createFaceReader(nets: FaceNets, print: PrintFace): FaceReader {
  return async ({ pixels, scale, info }) => {
    const faces: AnalyzedFace[] = [];
    for (const { box, score, landmarks, shift } of await searchFaces(nets, pixels)) {
      const chip = cutChip(pixels, chipToImage(landmarks));
      faces.push({
        box: clampBox(scaleBox(box, scale), info),
        score,
        landmarks: landmarks.map(({ x, y }) => ({ x: x * scale.x, y: y * scale.y })),
        landmarkShift: shift,
        faceprint: Array.from(await print(nets, chip)),
        pose: headPose(landmarks),
        ...chipQuality(chip),
      });
    }
    return faces.sort((a, b) => a.box.left - b.box.left);
  };
}

function scaleBox({ left, top, width, height }: Box, { x, y }: Point): Box {
  return { left: left * x, top: top * y, width: width * x, height: height * y };
}

function clampBox(box: Box, image: { width: number; height: number }): Box {
  const left = clamp(box.left, 0, image.width);
  const top = clamp(box.top, 0, image.height);
  return {
    left,
    top,
    width: clamp(box.left + box.width, left, image.width) - left,
    height: clamp(box.top + box.height, top, image.height) - top,
  };
}
