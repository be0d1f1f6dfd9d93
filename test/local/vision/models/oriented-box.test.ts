import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  corners,
  cutBox,
  type OrientedBox,
  readTurned,
  slice,
  smallestBox,
} from '../../../../src/local/vision/models/oriented-box.ts';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const box: fc.Arbitrary<OrientedBox> = fc.record({
  x: number(-300, 300),
  y: number(-300, 300),
  width: number(20, 200),
  height: number(2, 15),
  angle: number(-0.7, 0.7),
});

test('the smallest box around the corners of a box is that box', () => {
  fc.assert(
    fc.property(box, (made) => {
      const found = smallestBox([...corners(made), { x: made.x, y: made.y }]);
      for (const key of ['x', 'y', 'width', 'height', 'angle'] as const)
        expect(found[key]).toBeCloseTo(made[key], 4);
    }),
  );
});

test('the smallest box holds every point', () => {
  const points = fc.array(fc.record({ x: number(-99, 99), y: number(-99, 99) }), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(points, (all) => {
      const { x, y, width, height, angle } = smallestBox(all);
      for (const p of all) {
        const [dx, dy] = [p.x - x, p.y - y];
        expect(Math.abs(dx * Math.cos(angle) + dy * Math.sin(angle))).toBeLessThanOrEqual(width / 2 + 1e-6);
        expect(Math.abs(dy * Math.cos(angle) - dx * Math.sin(angle))).toBeLessThanOrEqual(height / 2 + 1e-6);
      }
    }),
  );
});

test('reading a box turned keeps its corners and starts at the next one', () => {
  fc.assert(
    fc.property(box, (made) => {
      const [a, b, c, d] = corners(made);
      const expected = [b, c, d, a];
      for (const [i, corner] of corners(readTurned(made, 1)).entries()) {
        expect(corner.x).toBeCloseTo(expected[i]?.x ?? 0, 6);
        expect(corner.y).toBeCloseTo(expected[i]?.y ?? 0, 6);
      }
    }),
  );
});

test('slices that tile a box meet and keep its ends', () => {
  fc.assert(
    fc.property(box, number(0.1, 0.9), (made, cut) => {
      const [a, , , d] = corners(slice(made, 0, cut));
      const [meet] = corners(slice(made, cut, 1));
      const [, end] = corners(slice(made, 0, cut));
      expect(a.x).toBeCloseTo(corners(made)[0].x, 6);
      expect(d.y).toBeCloseTo(corners(made)[3].y, 6);
      expect(meet.x).toBeCloseTo(end.x, 6);
    }),
  );
});

test('a level box of whole pixels is cut out unchanged', () => {
  const width = 30;
  const data = Uint8Array.from({ length: width * 20 * 3 }, (_, i) => (i * 13) % 251);
  const cut = cutBox({ data, width, height: 20 }, { x: 15, y: 9, width: 10, height: 6, angle: 0 }, 10, 6);
  for (let y = 0; y < 6; y++) {
    const from = ((6 + y) * width + 10) * 3;
    expect([...cut.data.subarray(y * 30, y * 30 + 30)]).toEqual([...data.subarray(from, from + 30)]);
  }
});
