import type { AnalyzedFace, Point } from '../analysis.ts';
import { centre } from './transform.ts';

const DEGREES = 180 / Math.PI;

/** Where the nose tip stands between eye line and mouth line of a face that looks straight at the camera. */
const LEVEL_NOSE = 0.62;

/**
 * Head pose from 68 landmarks, in degrees. Roll is the slope of the eye line (positive: clockwise in the picture). Yaw
 * and pitch come from how far the nose tip stands from the line between the eyes' and the mouth's middle, under weak
 * perspective: approximate. Positive yaw: the nose points to the picture's right; positive pitch: upwards.
 */
export function headPose(landmarks: readonly Point[]): AnalyzedFace['pose'] {
  const leftEye = centre(landmarks.slice(36, 42));
  const rightEye = centre(landmarks.slice(42, 48));
  const eyes = centre([leftEye, rightEye]);
  const roll = Math.atan2(rightEye.y - leftEye.y, rightEye.x - leftEye.x);
  const level = ({ x, y }: Point): Point => ({
    x: (x - eyes.x) * Math.cos(roll) + (y - eyes.y) * Math.sin(roll),
    y: (y - eyes.y) * Math.cos(roll) - (x - eyes.x) * Math.sin(roll),
  });
  const nose = level(landmarks[30] ?? eyes);
  const mouth = level(centre([landmarks[48] ?? eyes, landmarks[54] ?? eyes]));
  const span = Math.hypot(rightEye.x - leftEye.x, rightEye.y - leftEye.y);
  const drop = Math.max(1, mouth.y);
  const aside = nose.x - mouth.x * (nose.y / drop);
  return {
    roll: roll * DEGREES,
    yaw: arcsine(aside / (LEVEL_NOSE * Math.max(span, drop * 0.9))) * DEGREES,
    pitch: arcsine((LEVEL_NOSE - nose.y / drop) / LEVEL_NOSE) * DEGREES,
  };
}

function arcsine(value: number): number {
  return Math.asin(Math.max(-1, Math.min(1, value)));
}
