import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { overlap, pairByOverlap } from '../../src/domain/overlap.ts';
import { assignFaceKeys, ownFaceKey } from '../../src/steps/face-keys.ts';
import { keyed } from '../../src/steps/facedetection.ts';

const rectangle = fc.record({
  left: fc.integer({ min: -50, max: 500 }),
  top: fc.integer({ min: -50, max: 500 }),
  width: fc.integer({ min: 1, max: 300 }),
  height: fc.integer({ min: 1, max: 300 }),
});

describe('overlap', () => {
  test('is 1 for the same rectangle, symmetric, and between 0 and 1', () => {
    fc.assert(
      fc.property(rectangle, rectangle, (a, b) => {
        expect(overlap(a, a)).toBe(1);
        expect(overlap(a, b)).toBe(overlap(b, a));
        expect(overlap(a, b)).toBeGreaterThanOrEqual(0);
        expect(overlap(a, b)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('half of it shared is a third of both', () => {
    const a = { left: 0, top: 0, width: 10, height: 10 };
    expect(overlap(a, { ...a, left: 5 })).toBeCloseTo(1 / 3);
    expect(overlap(a, { ...a, left: 10 })).toBe(0);
  });
});

test('pairs give each rectangle at most once, and any shuffle of the same rectangles pairs them all', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(rectangle, { maxLength: 6, selector: (r) => JSON.stringify(r) }),
      fc.nat(),
      (ones, seed) => {
        const others = [...ones].sort((a, b) => ((a.left * 31 + b.top + seed) % 7) - 3);
        const pairs = pairByOverlap(ones, others);
        expect(new Set(pairs).size).toBe(ones.length);
        pairs.forEach((pair, i) => {
          expect(others[pair ?? -1]).toEqual(ones[i]);
        });
      },
    ),
  );
});

describe('face keys', () => {
  const at = (left: number) => ({ left, top: 0, width: 100, height: 100 });

  test('number the faces of a job', () => {
    expect(assignFaceKeys('abc', [at(0), at(200)])).toEqual(['abc-1', 'abc-2']);
    expect(assignFaceKeys('a/b', [at(0)])[0]).toMatch(/^x[0-9a-f]{32}-1$/);
  });

  test("that a message brings are made the job's own: the same for every step, another for every job", () => {
    expect(ownFaceKey('job', 'job-3')).toBe('job-3');
    const [one, other] = [ownFaceKey('job', 'sample-1'), ownFaceKey('job', 'sample-2')];
    expect(one).toMatch(/^job-[0-9a-f]{12}$/);
    expect(ownFaceKey('job', one)).toBe(one);
    expect(new Set([one, other, ownFaceKey('job2', 'sample-1')]).size).toBe(3);
    // The key of a job whose id begins like this one's.
    expect(ownFaceKey('a', 'a-b-1')).not.toBe('a-b-1');
  });

  test('that a message brings twice are told apart', () => {
    const face = { faceKey: 'x', faceRectangle: { left: 0, top: 0, width: 9, height: 9 } };
    const keys = keyed({ faces: [face, face, { ...face, faceKey: undefined }] }, 'job').map(
      ({ faceKey }) => faceKey,
    );
    expect(new Set(keys).size).toBe(3);
    expect(keys.every((key) => key.startsWith('job-'))).toBe(true);
  });

  test('stay with the face over a rerun, and a number is never given to another face', () => {
    const previous = [
      { faceKey: 'abc-1', faceRectangle: at(0) },
      { faceKey: 'abc-3', faceRectangle: at(200) },
    ];
    expect(assignFaceKeys('abc', [at(210), at(400), at(5)], previous)).toEqual(['abc-3', 'abc-4', 'abc-1']);
    expect(assignFaceKeys('abc', [at(400)], previous)).toEqual(['abc-4']);
  });
});
