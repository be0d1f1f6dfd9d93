import type { AnalyzedFace } from '../analysis.ts';
import type { FaceAttribute } from './models.ts';

/** Levels as the service names them, by the bounds its reference gives for blur, exposure and noise values. */
const BLUR = { medium: 0.25, high: 0.75 };
const EXPOSURE = { good: 0.25, over: 0.75 };
const NOISE = { medium: 0.3, high: 0.7 };

/**
 * The attributes of a face that the engine can measure. Glasses, occlusion, accessories and mask are left out: no
 * model here knows them.
 */
export function describeAttributes(
  face: AnalyzedFace,
  wanted: readonly FaceAttribute[],
): Record<string, unknown> {
  const attributes: Record<string, unknown> = {};
  for (const name of wanted) {
    const value = describe(face, name);
    if (value !== undefined) attributes[name] = value;
  }
  return attributes;
}

function describe(face: AnalyzedFace, name: FaceAttribute): unknown {
  switch (name) {
    case 'headPose':
      return {
        pitch: round(face.pose.pitch, 1),
        roll: round(face.pose.roll, 1),
        yaw: round(face.pose.yaw, 1),
      };
    case 'blur': {
      const value = blurOf(face);
      return { blurLevel: level(value, BLUR), value };
    }
    case 'exposure': {
      const value = round(face.luma / 255, 2);
      return { exposureLevel: exposureLevel(value), value };
    }
    case 'noise': {
      const value = noiseOf(face);
      return { noiseLevel: level(value, NOISE), value };
    }
    case 'qualityForRecognition':
      return qualityForRecognition(face);
    default:
      return undefined;
  }
}

/**
 * 0 sharp to 1 blurred. The variance of the Laplacian grows with the square of the light, so it is taken relative to
 * the chip's brightness; `HALF_SHARP` is the relative variance that counts as half blurred.
 */
export function blurOf(face: Pick<AnalyzedFace, 'sharpness' | 'luma'>): number {
  const light = Math.max(face.luma, 16) / 128;
  return round(1 / (1 + face.sharpness / (light * light) / HALF_SHARP), 2);
}
const HALF_SHARP = 40;

/** 0 clean to 1: a standard deviation of 20 grey levels and more. */
export function noiseOf(face: Pick<AnalyzedFace, 'noise'>): number {
  return round(Math.min(1, Math.max(0, face.noise) / 20), 2);
}

/** Bounds of {@link qualityForRecognition}, where recognition was seen to lose people. */
const QUALITY = {
  lowBlur: 0.6,
  highBlur: 0.35,
  lowSide: 60,
  highSide: 100,
  lowTurn: 30,
  highTurn: 20,
  lowShift: 0.035,
};

/**
 * The engine's own rule. Low: the faceprint should not be trusted. Of two photographs of one person, one of them
 * blurred so (a sigma of 4 at a face of 330 pixels), turned by 30 degrees or less than 40 pixels large, a fifth to a
 * third are missed; points of a face that do not stay where they were are of none. High: good to enrol.
 */
export function qualityForRecognition(face: AnalyzedFace): 'low' | 'medium' | 'high' {
  const size = Math.min(face.box.width, face.box.height);
  const turned = Math.max(Math.abs(face.pose.yaw), Math.abs(face.pose.pitch));
  const blur = blurOf(face);
  if (size < QUALITY.lowSide || blur >= QUALITY.lowBlur || turned > QUALITY.lowTurn) return 'low';
  if (face.landmarkShift >= QUALITY.lowShift) return 'low';
  const lit = exposureLevel(face.luma / 255) === 'goodExposure';
  return size >= QUALITY.highSide && blur < QUALITY.highBlur && turned <= QUALITY.highTurn && lit
    ? 'high'
    : 'medium';
}

function exposureLevel(value: number): string {
  if (value < EXPOSURE.good) return 'underExposure';
  return value < EXPOSURE.over ? 'goodExposure' : 'overExposure';
}

function level(value: number, bounds: { medium: number; high: number }): string {
  if (value < bounds.medium) return 'low';
  return value < bounds.high ? 'medium' : 'high';
}

function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
