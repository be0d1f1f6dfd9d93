import type { AnalyzedFace, Box, Point } from '../analysis.ts';
import { chipToImage, cutChip } from './alignment.ts';
import { chipQuality } from './chip-quality.ts';
import type { Frame } from './decode.ts';
import { detectFaces } from './face-detector.ts';
import { type FaceNets, LANDMARKS_SIDE, loadFaceNets } from './face-nets.ts';
import { headPose } from './head-pose.ts';
import { clamp, crop, fitInSquare, type Pixels, shrinkTo } from './pixels.ts';

/** The frame at which the detector's recall was measured; its network sees 512 pixels of it or of a tile. */
const DETECTION_SIDE = 1280;

export type FaceReader = (frame: Frame) => Promise<AnalyzedFace[]>;

/** Loads the face networks; the reader finds every face of an image, from left to right. */
export async function createFaceReader(): Promise<FaceReader> {
  const nets = await loadFaceNets();
  return async ({ pixels, scale, info }) => {
    const small = await shrinkTo(pixels, DETECTION_SIDE);
    const toWorking = { x: pixels.width / small.width, y: pixels.height / small.height };
    const faces: AnalyzedFace[] = [];
    for (const { box, score } of await detectFaces(nets, small)) {
      const working = scaleBox(box, toWorking);
      const landmarks = await findLandmarks(nets, pixels, working);
      const chip = cutChip(pixels, chipToImage(landmarks));
      faces.push({
        box: clampBox(scaleBox(working, scale), info),
        score,
        landmarks: landmarks.map(({ x, y }) => ({ x: x * scale.x, y: y * scale.y })),
        faceprint: Array.from(await nets.faceprint(chip)),
        pose: headPose(landmarks),
        ...chipQuality(chip),
      });
    }
    return faces.sort((a, b) => a.box.left - b.box.left);
  };
}

async function findLandmarks(nets: FaceNets, image: Pixels, box: Box): Promise<Point[]> {
  const { pixels, left, top } = crop(image, box);
  const side = Math.max(pixels.width, pixels.height);
  const points = await nets.landmarks(await fitInSquare(pixels, LANDMARKS_SIDE, 'middle'));
  const at = (share: number | undefined, length: number) => (share ?? 0) * side - (side - length) / 2;
  return Array.from({ length: points.length / 2 }, (_, i) => ({
    x: left + at(points[2 * i], pixels.width),
    y: top + at(points[2 * i + 1], pixels.height),
  }));
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
