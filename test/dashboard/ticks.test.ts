import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ticksBetween } from '../../src/dashboard/views/calibration/ticks.ts';

test('figures on an axis are round, within it, and as many as can be read', () => {
  expect(ticksBetween(0, 1, 4)).toEqual([0, 0.25, 0.5, 0.75, 1]);
  expect(ticksBetween(0.2, 0.95, 4)).toEqual([0.2, 0.4, 0.6, 0.8]);
  expect(ticksBetween(0, 1234, 4)).toEqual([0, 500, 1000]);
  expect(ticksBetween(0.3, 0.3, 4)).toEqual([0.3]);
  const value = fc.double({ min: 0, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(
      value,
      // At least a ten-thousandth as wide as its figures are large: others would need more digits than anybody reads.
      fc.double({ min: 1e-4, max: 1e4, noNaN: true }),
      fc.integer({ min: 2, max: 8 }),
      (from, share, most) => {
        const wide = share * (1 + from);
        const ticks = ticksBetween(from, from + wide, most);
        expect(ticks.length).toBeLessThanOrEqual(most + 1);
        for (const [at, tick] of ticks.entries()) {
          expect(tick).toBeGreaterThanOrEqual(from - wide * 1e-6);
          expect(tick).toBeLessThanOrEqual(from + wide * (1 + 1e-6));
          if (at > 0) expect(tick).toBeGreaterThan(ticks[at - 1] ?? Number.POSITIVE_INFINITY);
        }
      },
    ),
  );
});
