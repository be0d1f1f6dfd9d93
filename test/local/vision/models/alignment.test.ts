import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHIP_SIDE, cutChip } from '../../../../src/local/vision/models/alignment.ts';
import { headPose } from '../../../../src/local/vision/models/head-pose.ts';
import { applySimilarity, fitSimilarity } from '../../../../src/local/vision/models/transform.ts';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const points = fc.array(fc.record({ x: number(-500, 500), y: number(-500, 500) }), {
  minLength: 3,
  maxLength: 40,
});
const similarity = fc.record({
  a: number(0.2, 5),
  b: number(-5, 5),
  tx: number(-900, 900),
  ty: number(-900, 900),
});

test('the fit recovers the turn, scale and shift that made the points', () => {
  fc.assert(
    fc.property(points, similarity, (from, made) => {
      const spread = Math.max(
        ...from.map((p) => Math.hypot(p.x - (from[0]?.x ?? 0), p.y - (from[0]?.y ?? 0))),
      );
      fc.pre(spread > 1);
      const fitted = fitSimilarity(
        from,
        from.map((p) => applySimilarity(made, p)),
      );
      for (const key of ['a', 'b', 'tx', 'ty'] as const) expect(fitted[key]).toBeCloseTo(made[key], 3);
    }),
  );
});

test('a chip cut without turn or scale is the image itself, and black beyond its edge', () => {
  const width = 160;
  const data = Uint8Array.from({ length: width * 100 * 3 }, (_, i) => (i * 7) % 251);
  const chip = cutChip({ data, width, height: 100 }, { a: 1, b: 0, tx: 4, ty: 3 });
  for (const [x, y] of [
    [0, 0],
    [50, 60],
    [140, 90],
  ] as const) {
    for (const c of [0, 1, 2]) {
      expect(chip[(y * CHIP_SIDE + x) * 3 + c]).toBeCloseTo(data[((y + 3) * width + x + 4) * 3 + c] ?? -1, 3);
    }
  }
  expect(chip[(CHIP_SIDE * CHIP_SIDE - 1) * 3]).toBe(0);
});

/** A level, symmetric face: only the points that pose is read from stand apart. */
function face(noseX: number) {
  const landmarks = Array.from({ length: 68 }, () => ({ x: 0, y: 0 }));
  landmarks.fill({ x: -30, y: 0 }, 36, 42).fill({ x: 30, y: 0 }, 42, 48);
  landmarks[30] = { x: noseX, y: 37 };
  landmarks[48] = { x: -20, y: 60 };
  landmarks[54] = { x: 20, y: 60 };
  return landmarks;
}

test('a symmetric face looks straight ahead; a nose aside turns it, and a turned picture is all roll', () => {
  const straight = headPose(face(0));
  expect(straight.roll).toBeCloseTo(0);
  expect(straight.yaw).toBeCloseTo(0);
  expect(Math.abs(straight.pitch)).toBeLessThan(2);
  expect(headPose(face(10)).yaw).toBeGreaterThan(10);
  expect(headPose(face(-10)).yaw).toBeCloseTo(-headPose(face(10)).yaw);
  const turn = { a: Math.cos(0.4), b: Math.sin(0.4), tx: 9, ty: -4 };
  const turned = headPose(face(10).map((p) => applySimilarity(turn, p)));
  expect(turned.roll).toBeCloseTo((0.4 * 180) / Math.PI);
  expect(turned.yaw).toBeCloseTo(headPose(face(10)).yaw);
});
