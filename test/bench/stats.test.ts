import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pairedRatios, quantile, spread } from '../../bench/stats.ts';

test('the median of an even number of values lies between the two in the middle', () => {
  expect(spread([4, 1, 3, 2])).toEqual({ median: 2.5, low: 1.75, high: 3.25 });
  expect(spread([7])).toEqual({ median: 7, low: 7, high: 7 });
});

test('nothing measured is no figure', () => {
  expect(() => spread([])).toThrow(RangeError);
});

test('a quantile lies within the values and rises with q, whatever their order', () => {
  const values = fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 1 });
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (all, q) => {
      const at = quantile(all, q);
      expect(at).toBeGreaterThanOrEqual(quantile(all, 0));
      expect(at).toBeLessThanOrEqual(quantile(all, 1) + 1e-6);
      expect(at).toBe(quantile(all.toReversed(), q));
      expect([quantile(all, 0), quantile(all, 1)]).toEqual([Math.min(...all), Math.max(...all)]);
    }),
  );
});

test('ratios are taken pair by pair, leaving out what has no partner', () => {
  expect(pairedRatios([3, 8, 5], [1, 4])).toEqual([3, 2]);
  expect(pairedRatios([3], [0])).toEqual([]);
});
