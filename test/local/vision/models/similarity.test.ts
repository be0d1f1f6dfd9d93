import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  confidenceOf,
  faceConfidence,
  faceDistance,
  GROUPING_DISTANCE,
} from '../../../../src/local/vision/models/similarity.ts';

const distance = fc.double({ min: 0, max: 2, noNaN: true });
const pair = fc
  .integer({ min: 1, max: 128 })
  .chain((length) =>
    fc.tuple(
      ...[0, 1].map(() =>
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: length, maxLength: length }),
      ),
    ),
  ) as fc.Arbitrary<[number[], number[]]>;

test('confidence lies between 0 and 1 and never rises with the distance', () => {
  fc.assert(
    fc.property(distance, distance, (a, b) => {
      const [near, far] = [confidenceOf(Math.min(a, b)), confidenceOf(Math.max(a, b))];
      expect(near).toBeGreaterThanOrEqual(far);
      expect(near).toBeLessThanOrEqual(1);
      expect(far).toBeGreaterThanOrEqual(0);
    }),
  );
});

test('confidence falls strictly where distances differ visibly', () => {
  fc.assert(
    fc.property(distance, (a) => {
      expect(confidenceOf(a)).toBeGreaterThan(confidenceOf(a + 0.01));
    }),
  );
});

test('confidence is one half at the grouping distance, 1 at zero, and well above 0.6 for measured same-person distances', () => {
  expect(confidenceOf(GROUPING_DISTANCE)).toBe(0.5);
  expect(confidenceOf(GROUPING_DISTANCE - 1e-9)).toBeCloseTo(0.5, 6);
  expect(confidenceOf(0)).toBe(1);
  expect(confidenceOf(0.21)).toBeGreaterThan(0.95);
  expect(confidenceOf(0.45)).toBeGreaterThan(0.7);
  expect(confidenceOf(0.7)).toBeLessThan(0.2);
});

test('distance and confidence do not depend on the order of the faces', () => {
  fc.assert(
    fc.property(pair, ([a, b]) => {
      expect(faceDistance(a, b)).toBe(faceDistance(b, a));
      expect(faceConfidence(a, b)).toBe(faceConfidence(b, a));
      expect(faceDistance(a, a)).toBe(0);
    }),
  );
});

test('faceprints of different lengths are refused', () => {
  expect(() => faceDistance([1, 2], [1])).toThrow(RangeError);
});
