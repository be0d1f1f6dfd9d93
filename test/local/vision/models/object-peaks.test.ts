import { expect, test } from 'vitest';
import { COCO_LABELS } from '../../../../src/local/vision/models/coco-labels.ts';
import { objectPeaks } from '../../../../src/local/vision/models/object-peaks.ts';

const CELLS = 128;
const at = (x: number, y: number, index: number) => (y * CELLS + x) * COCO_LABELS.length + index;

function maps(likely: readonly (readonly [x: number, y: number, index: number, logit: number])[]) {
  const likelihoods = new Float32Array(CELLS * CELLS * COCO_LABELS.length).fill(-8);
  for (const [x, y, index, logit] of likely) likelihoods[at(x, y, index)] = logit;
  const sizes = new Float32Array(CELLS * CELLS * 4);
  for (const [x, y] of likely) sizes.set([10, 20, 30, 40], (y * CELLS + x) * 4);
  const highest = new Float32Array(CELLS * CELLS).map((_, cell) =>
    likelihoods.subarray(at(cell, 0, 0), at(cell + 1, 0, 0)).reduce((most, logit) => Math.max(most, logit)),
  );
  return { likelihoods, sizes, highest };
}

test('a thing is where its class is likelier than around, in pixels of the picture, the surest first', () => {
  const peaks = objectPeaks(
    maps([
      [5, 7, 0, 0],
      [6, 8, 0, -0.5],
      [6, 8, 16, 2],
      [0, 0, 79, -1],
      [127, 127, 79, -1.5],
    ]),
    0.25,
  );
  expect(peaks.map(({ index, sides }) => [index, ...sides])).toEqual([
    [16, 24 - 10, 32 - 20, 24 + 30, 32 + 40],
    [0, 20 - 10, 28 - 20, 20 + 30, 28 + 40],
    [79, -10, -20, 30, 40],
  ]);
  expect(peaks.map(({ score }) => score)).toEqual([expect.closeTo(0.881, 3), 0.5, expect.closeTo(0.269, 3)]);
});

test('of more things than a hundred the surest hundred are given', () => {
  const many = Array.from(
    { length: 150 },
    (_, i) => [(i % 30) * 4, Math.floor(i / 30) * 4, 3, i / 100] as const,
  );
  const peaks = objectPeaks(maps(many), 0.25);
  expect(peaks).toHaveLength(100);
  expect(peaks.at(-1)?.score).toBeCloseTo(1 / (1 + Math.exp(-0.5)), 5);
});
