import { expect, test } from 'vitest';
import type { AnalyzedFace } from '../../../../src/local/vision/analysis.ts';
import {
  blurOf,
  describeAttributes,
  noiseOf,
  qualityForRecognition,
} from '../../../../src/local/vision/face/attributes.ts';

const face = (change: Partial<AnalyzedFace> = {}): AnalyzedFace => ({
  box: { left: 0, top: 0, width: 200, height: 220 },
  score: 1,
  landmarks: [],
  faceprint: [],
  pose: { roll: 0, yaw: 0, pitch: 0 },
  sharpness: 500,
  luma: 128,
  noise: 2,
  landmarkShift: 0.01,
  ...change,
});

test('the same face in half the light is as sharp as before', () => {
  // Half the light is a quarter of the variance.
  expect(blurOf({ sharpness: 100, luma: 64 })).toBe(blurOf({ sharpness: 400, luma: 128 }));
});

test('blur and noise stay between 0 and 1', () => {
  expect(blurOf({ sharpness: 0, luma: 0 })).toBe(1);
  expect(blurOf({ sharpness: 1e9, luma: 0 })).toBe(0);
  expect(noiseOf({ noise: 500 })).toBe(1);
  expect(noiseOf({ noise: -1 })).toBe(0);
});

test('levels follow their values', () => {
  const levels = (change: Partial<AnalyzedFace>) =>
    describeAttributes(face(change), ['blur', 'exposure', 'noise']);
  expect(levels({ sharpness: 5, luma: 40, noise: 19 })).toMatchObject({
    blur: { blurLevel: expect.any(String) },
    exposure: { exposureLevel: 'underExposure', value: 0.16 },
    noise: { noiseLevel: 'high', value: 0.95 },
  });
  expect(levels({ sharpness: 5, luma: 128 })).toMatchObject({ blur: { blurLevel: 'high', value: 0.89 } });
  expect(levels({ luma: 230, noise: 8 })).toMatchObject({
    exposure: { exposureLevel: 'overExposure', value: 0.9 },
    noise: { noiseLevel: 'medium', value: 0.4 },
  });
});

test.each<[string, Partial<AnalyzedFace>, string]>([
  ['large, sharp, frontal and well lit', {}, 'high'],
  ['smaller than 60 pixels', { box: { left: 0, top: 0, width: 59, height: 80 } }, 'low'],
  ['between 60 and 100 pixels', { box: { left: 0, top: 0, width: 60, height: 80 } }, 'medium'],
  ['blurred', { sharpness: 5 }, 'low'],
  ['turned by 25 degrees', { pose: { roll: 0, yaw: -25, pitch: 0 } }, 'medium'],
  ['turned by 35 degrees', { pose: { roll: 0, yaw: -35, pitch: 0 } }, 'low'],
  ['whose points do not stay', { landmarkShift: 0.06 }, 'low'],
  ['turned by 50 degrees', { pose: { roll: 0, yaw: 50, pitch: 0 } }, 'low'],
  ['tilted in the plane only', { pose: { roll: 80, yaw: 0, pitch: 0 } }, 'high'],
  ['underexposed', { luma: 50, sharpness: 200 }, 'medium'],
])('quality of a face that is %s', (_what, change, quality) => {
  expect(qualityForRecognition(face(change))).toBe(quality);
});
