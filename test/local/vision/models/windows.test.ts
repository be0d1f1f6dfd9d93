import fc from 'fast-check';
import { expect, test } from 'vitest';
import { windowsOf } from '../../../../src/local/vision/models/windows.ts';

test('a picture that can be seen at once is one window', () => {
  expect(windowsOf(2560, 1700)).toEqual([{ left: 0, top: 0, width: 2560, height: 1700 }]);
});

test('longer ones are covered by windows that overlap, along the longer side', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2561, max: 16_000 }), fc.boolean(), (length, tall) => {
      const windows = tall ? windowsOf(700, length) : windowsOf(length, 700);
      const spans = windows.map(({ left, top, width, height }) =>
        tall ? [top, top + height, left, width] : [left, left + width, top, height],
      );
      expect(spans[0]?.[0]).toBe(0);
      expect(spans.at(-1)?.[1]).toBe(length);
      for (const [i, [from = 0, to = 0, across, side]] of spans.entries()) {
        expect([across, side]).toEqual([0, 700]);
        expect(to - from).toBe(1920);
        const before = spans[i - 1]?.[1];
        if (before !== undefined) expect(before - from).toBeGreaterThanOrEqual(479);
      }
    }),
  );
});
