import { expect, test } from 'vitest';
import { isPrinted } from '../../../../src/local/vision/models/printed.ts';

const [WIDTH, HEIGHT] = [1200, 900];

/** A light ground with dark rectangles [left, top, width, height]. */
function picture(...blocks: readonly (readonly [number, number, number, number])[]) {
  const data = new Uint8Array(WIDTH * HEIGHT * 3).fill(235);
  for (const [left, top, width, height] of blocks)
    for (let y = top; y < top + height; y++)
      data.fill(30, (y * WIDTH + left) * 3, (y * WIDTH + left + width) * 3);
  return { data, width: WIDTH, height: HEIGHT };
}

/** A line of `count` upright strokes, as letters have them. */
const strokes = (count: number, left: number, top: number) =>
  Array.from({ length: count }, (_, i) => [left + i * 8, top, 3, 12] as const);

test('a few lines of small strokes on an even ground are print, whichever way they run', () => {
  expect(isPrinted(picture(...strokes(90, 100, 200), ...strokes(90, 100, 230)))).toBe(true);
  const down = [...strokes(90, 100, 200), ...strokes(90, 100, 230)].map(
    ([left, top, width, height]) => [top, left, height, width] as const,
  );
  expect(isPrinted(picture(...down))).toBe(true);
});

test('a figure before a plain wall is not, nor is the wall alone', () => {
  expect(isPrinted(picture([450, 250, 300, 600]))).toBe(false);
  expect(isPrinted(picture())).toBe(false);
});
