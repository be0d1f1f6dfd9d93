import fc from 'fast-check';
import { expect, test } from 'vitest';
import { endsOf100, wilson } from '../../src/domain/interval.ts';

test.each([
  [0.9962, 0.9999, '99', '100'],
  [0.29, 0.57, '29', '57'],
  [0, 1, '0', '100'],
  [0.0012, 0.0441, '0.1', '4.5'],
  [0.07, 0.0991, '7.0', '10.0'],
])('the ends %d and %d of an interval are written as %s and %s', (low, high, from, to) => {
  expect(endsOf100({ low, high })).toEqual({ low: from, high: to });
});

test('what is written of an interval is never narrower than it is', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (trials, part) => {
        const interval = wilson(Math.round(trials * part), trials);
        const { low, high } = endsOf100(interval);
        expect(Number(low) / 100).toBeLessThanOrEqual(interval.low + 1e-10);
        expect(Number(high) / 100).toBeGreaterThanOrEqual(interval.high - 1e-10);
      },
    ),
  );
});
