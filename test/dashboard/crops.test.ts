import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cropPosition } from '../../src/dashboard/parts/crop-position.ts';
import { faceView, ZOOMS } from '../../src/dashboard/parts/face-view.ts';

const size = fc.integer({ min: 20, max: 5000 });
const share = fc.double({ min: 0, max: 1, noNaN: true });
const shape = fc.double({ min: 0.3, max: 3, noNaN: true });

/** What of the picture `object-fit: cover` shows, as shares of it: from and to on either axis. */
function shown(position: string, picture: number, box: number) {
  const [x = 0, y = 0] = position.split(' ').map((part) => Number.parseFloat(part) / 100);
  const [across, down] = picture > box ? [box / picture, 1] : [1, picture / box];
  return { x: [x * (1 - across), x * (1 - across) + across], y: [y * (1 - down), y * (1 - down) + down] };
}

test('the middle of the faces is always in view, and in the middle where the edges allow it', () => {
  fc.assert(
    fc.property(size, size, share, share, shape, (width, height, x, y, box) => {
      const seen = shown(cropPosition({ width, height, focus: { x, y } }, box), width / height, box);
      for (const [middle, [from = 0, to = 1]] of [
        [x, seen.x],
        [y, seen.y],
      ] as const) {
        expect(middle).toBeGreaterThanOrEqual(from - 0.002);
        expect(middle).toBeLessThanOrEqual(to + 0.002);
        if (from > 0.002 && to < 0.998) expect(middle).toBeCloseTo((from + to) / 2, 2);
      }
    }),
  );
});

test('where nothing is known of faces, the crop is that of a portrait', () => {
  expect(cropPosition({ width: 100, height: 200, focus: null }, 1.25)).toBe('50% 30%');
  expect(cropPosition({ width: null, height: null, focus: { x: 0, y: 0 } }, 1.25)).toBe('50% 30%');
});

test('a face is shown whole at every zoom, in the shape of its box', () => {
  fc.assert(
    fc.property(size, size, share, share, share, fc.constantFrom(...ZOOMS), shape, (...given) => {
      const [width, height, x, y, part, zoom, box] = given;
      const side = Math.max(1, Math.min(width, height) * Math.max(0.05, part * 0.5));
      const face = { left: x * (width - side), top: y * (height - side), width: side, height: side };
      const view = faceView(face, { width, height }, zoom, box);
      expect(view.width / view.height).toBeCloseTo(box, 5);
      expect(view.left).toBeLessThanOrEqual(face.left + 1e-6);
      expect(view.top).toBeLessThanOrEqual(face.top + 1e-6);
      expect(view.left + view.width).toBeGreaterThanOrEqual(face.left + face.width - 1e-6);
      expect(view.top + view.height).toBeGreaterThanOrEqual(face.top + face.height - 1e-6);
    }),
  );
});
