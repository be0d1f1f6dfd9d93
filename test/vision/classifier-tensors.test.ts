import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readInputShape, softmaxed, toTensorData } from '../../src/vision/classifier-tensors.ts';

test.each([
  [[1, 3, 224, 200], { layout: 'NCHW', width: 200, height: 224, dims: [1, 3, 224, 200] }],
  [['batch', 3, 'height', 'width'], { layout: 'NCHW', width: 224, height: 224, dims: [1, 3, 224, 224] }],
  [[-1, 96, 64, 3], { layout: 'NHWC', width: 64, height: 96, dims: [1, 96, 64, 3] }],
  [[0, 3, 0, 0], { layout: 'NCHW', width: 224, height: 224, dims: [1, 3, 224, 224] }],
  [[1, 1, 28, 28], undefined],
  [[1, 3, 28, 28, 1], undefined],
  [[8, 3, 32, 32], undefined],
  [[1, 3072], undefined],
])('a model whose input is %j', (shape, expected) => {
  if (expected) expect(readInputShape(shape)).toMatchObject(expected);
  else expect(readInputShape(shape)).toBeUndefined();
});

test('pixels become values by mean and scale, in the order of layout and channels', () => {
  const rgb = Uint8Array.from([10, 20, 30, 40, 50, 60]);
  const size = { width: 2, height: 1 };
  const by = { mean: [0, 10, 20], scale: [1, 2, 10], channels: 'RGB' } as const;
  expect([...toTensorData(rgb, { ...size, layout: 'NCHW' }, by)]).toEqual([10, 40, 5, 20, 1, 4]);
  expect([...toTensorData(rgb, { ...size, layout: 'NHWC' }, by)]).toEqual([10, 5, 1, 40, 20, 4]);
  const swapped = { ...by, channels: 'BGR' } as const;
  expect([...toTensorData(rgb, { ...size, layout: 'NCHW' }, swapped)]).toEqual([30, 60, 5, 20, -1, 2]);
});

test('scores become probabilities in the same order; probabilities stay what they are', () => {
  expect([...softmaxed(Float32Array.from([0.25, 0.75]))]).toEqual([0.25, 0.75]);
  fc.assert(
    fc.property(
      fc.array(fc.float({ min: -80, max: 80, noNaN: true }), { minLength: 2, maxLength: 20 }),
      (scores) => {
        const probabilities = softmaxed(Float32Array.from(scores));
        expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 3);
        const best = probabilities.indexOf(Math.max(...probabilities));
        expect(scores[best]).toBeCloseTo(Math.max(...scores), 3);
      },
    ),
  );
});

test('a probability of nothing is one; what adds up to something else, or is less than nothing, is none', () => {
  expect([...softmaxed(Float32Array.of(0, 1))]).toEqual([0, 1]);
  const rounded = (...scores: number[]) =>
    [...softmaxed(Float32Array.from(scores))].map((one) => Math.round(one * 1e4) / 1e4);
  expect(rounded(0.9, 0.9)).toEqual([0.5, 0.5]);
  expect(rounded(-0.5, 1.5)).toEqual([0.1192, 0.8808]);
  expect(rounded(0.2, 0.79)).not.toEqual([0.2, 0.79]);
  expect(rounded(200, 200)).toEqual([0.5, 0.5]);
});

test('where there is nothing to subtract, to divide by, or to look at, nothing is', () => {
  const size = { width: 1, height: 1, layout: 'NCHW' } as const;
  const by = { mean: [], scale: [], channels: 'RGB' } as const;
  expect([...toTensorData(Uint8Array.of(1, 2, 3), size, by)]).toEqual([1, 2, 3]);
  expect([...toTensorData(new Uint8Array(0), size, by)]).toEqual([0, 0, 0]);
});
