import type { AnalyzedFace, Box, Point } from '../analysis.ts';
import { chipToImage, cutChip } from './alignment.ts';
import { chipQuality } from './chip-quality.ts';
import type { Frame } from './decode.ts';
import { loadFaceNets } from './face-nets.ts';
import { searchFaces } from './face-search.ts';
import { headPose } from './head-pose.ts';
import { clamp } from './pixels.ts';

type FaceReader = (frame: Frame) => Promise<AnalyzedFace[]>;

/** Loads the face networks; the reader finds every face of an image, from left to right. */
export async function createFaceReader(): Promise<FaceReader> {
  const nets = await loadFaceNets();
  return async ({ pixels, scale, info }) => {
    const faces: AnalyzedFace[] = [];
    for (const { box, score, landmarks, shift } of await searchFaces(nets, pixels)) {
      const chip = cutChip(pixels, chipToImage(landmarks));
      faces.push({
        box: clampBox(scaleBox(box, scale), info),
        score,
        landmarks: landmarks.map(({ x, y }) => ({ x: x * scale.x, y: y * scale.y })),
        landmarkShift: shift,
        faceprint: Array.from(await nets.faceprint(chip)),
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
