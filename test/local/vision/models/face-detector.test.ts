import fc from 'fast-check';
import { expect, test } from 'vitest';
import { overlap } from '../../../../src/domain/overlap.ts';
import { needsTiles, withoutDoubles } from '../../../../src/local/vision/models/face-detector.ts';

const face = (left: number, top: number, side: number, score = 0.9) => ({
  score,
  box: { left, top, width: side, height: side },
});

test('tiles are for large pictures of a crowd, with a small face, or with a trace of one', () => {
  const large = { width: 1280, height: 800 };
  const faces = (count: number) => Array.from({ length: count }, (_, i) => face(i * 200, 0, 150));
  expect(needsTiles(large, [])).toBe(false);
  expect(needsTiles(large, faces(5))).toBe(false);
  expect(needsTiles(large, faces(6))).toBe(true);
  expect(needsTiles(large, [face(0, 0, 90)])).toBe(true);
  expect(needsTiles(large, [face(0, 0, 90, 0.2)])).toBe(true);
  expect(needsTiles(large, [face(0, 0, 200, 0.2)])).toBe(false);
  expect(needsTiles({ width: 999, height: 800 }, [face(0, 0, 20)])).toBe(false);
});

test('of two boxes over one face the better stays, also when one lies inside the other', () => {
  expect(withoutDoubles([face(0, 0, 100, 0.6), face(10, 10, 100, 0.8)])).toEqual([face(10, 10, 100, 0.8)]);
  expect(withoutDoubles([face(0, 0, 100, 0.8), face(30, 30, 40, 0.7)])).toEqual([face(0, 0, 100, 0.8)]);
  expect(withoutDoubles([face(0, 0, 100), face(90, 0, 100)])).toHaveLength(2);
});

test('what is kept never overlaps much, and the best is always kept', () => {
  const faces = fc.array(
    fc
      .tuple(
        fc.nat(300),
        fc.nat(300),
        fc.integer({ min: 10, max: 150 }),
        fc.double({ min: 0.4, max: 1, noNaN: true }),
      )
      .map((f) => face(...f)),
    { minLength: 1, maxLength: 30 },
  );
  fc.assert(
    fc.property(faces, (all) => {
      const kept = withoutDoubles(all);
      expect(kept[0]?.score).toBe(Math.max(...all.map((f) => f.score)));
      for (const [i, a] of kept.entries()) {
        for (const b of kept.slice(i + 1)) expect(overlap(a.box, b.box)).toBeLessThanOrEqual(0.35);
      }
    }),
  );
});
