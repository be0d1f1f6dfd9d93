import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gridStep } from '../../src/dashboard/views/images/grid-step.ts';

const KEYS = ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End'];
const shape = { columns: 4, count: 10, rtl: false };

test('no key leads out of the grid', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...KEYS),
      fc.record({
        columns: fc.integer({ min: 1, max: 12 }),
        count: fc.integer({ min: 1, max: 200 }),
        rtl: fc.boolean(),
      }),
      fc.nat(),
      (key, grid, seed) => {
        const next = gridStep(key, seed % grid.count, grid);
        expect(next).toBeGreaterThanOrEqual(0);
        expect(next).toBeLessThan(grid.count);
      },
    ),
  );
});

test('left is the next tile where people read from the right', () => {
  expect(gridStep('ArrowLeft', 5, { ...shape, rtl: true })).toBe(6);
  expect(gridStep('ArrowLeft', 5, shape)).toBe(4);
});

test('down leads to the end of an unfinished last row, and stays in the last one', () => {
  expect(gridStep('ArrowDown', 7, shape)).toBe(9);
  expect(gridStep('ArrowDown', 8, shape)).toBe(8);
  expect(gridStep('ArrowUp', 2, shape)).toBe(2);
});

test('other keys mean nothing', () => {
  expect(gridStep('a', 3, shape)).toBeUndefined();
});
