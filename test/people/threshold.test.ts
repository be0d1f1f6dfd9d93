import fc from 'fast-check';
import { expect, test } from 'vitest';
import { thresholdAmong, thresholdOfBatch } from '../../src/people/threshold.ts';

test('where the engine was measured its figures hold; beyond them they are gone on with; among very many faces nothing is joined', () => {
  expect(thresholdAmong(40, 'engine')).toEqual({ faces: 50, confidence: 0.43, basis: 'published' });
  expect(thresholdAmong(200, 'engine')).toEqual({ faces: 200, confidence: 0.5, basis: 'published' });
  expect(thresholdAmong(900, 'engine')).toMatchObject({ faces: 1000, basis: 'extended' });
  expect(thresholdAmong(1_000_000, 'engine')).toEqual({ faces: 1_000_000, basis: 'none' });
  expect(thresholdAmong(10, undefined)).toEqual({ faces: 50, basis: 'none' });
  expect(thresholdOfBatch(10, undefined)).toEqual({ faces: 50, confidence: 0, basis: 'none' });
});

test('the more faces, the surer the machine must be', () => {
  const sure = (faces: number) => thresholdAmong(faces, 'engine').confidence ?? 1;
  fc.assert(
    fc.property(fc.nat(2_000_000), fc.nat(2_000_000), (one, two) => {
      expect(sure(Math.max(one, two))).toBeGreaterThanOrEqual(sure(Math.min(one, two)));
      expect(thresholdAmong(one, 'engine').faces).toBeGreaterThanOrEqual(one);
    }),
  );
});
