import type { Pixels } from './pixels.ts';
import { openNetwork } from './session.ts';

/** Side of the square that the detector sees, in pixels. */
export const DETECTOR_SIDE = 512;

/** Side of the square that the landmark network sees. */
export const LANDMARKS_SIDE = 112;

/** The three face networks of @vladmandic/face-api, each a function from pixels to numbers. */
export interface FaceNets {
  /**
   * SSD MobileNet v1 over a square of {@link DETECTOR_SIDE}: of every anchor the box (top, left, bottom, right, in
   * sides of the square; it may reach beyond) and the score, 0 to 1.
   */
  detect(square: Pixels): Promise<{ boxes: Float32Array; scores: Float32Array }>;
  /** x and y of 68 points, in sides of the square of {@link LANDMARKS_SIDE} that holds one face. */
  landmarks(square: Pixels): Promise<Float32Array>;
  /** 128 numbers for an aligned face, RGB from 0 to 255, 150 pixels square. */
  faceprint(chip: Float32Array): Promise<Float32Array>;
}

export async function loadFaceNets(): Promise<FaceNets> {
  const [detect, landmarks, faceprint] = await Promise.all([
    openNetwork('face-detector', ['boxes', 'scores']),
    openNetwork('face-landmarks', ['points']),
    openNetwork('faceprint', ['faceprint']),
  ]);
  return {
    detect: ({ data }) => detect(data),
    landmarks: async ({ data }) => (await landmarks(data)).points,
    faceprint: async (chip) => (await faceprint(chip)).faceprint,
  };
}
