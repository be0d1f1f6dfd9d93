import { expect, test } from 'vitest';
import { textRegions } from '../../../../src/local/vision/models/text-regions.ts';

/** A probability map with these rectangles [left, top, width, height, value]. */
function map(
  width: number,
  height: number,
  ...blocks: Array<[number, number, number, number, number]>
): Float32Array {
  const values = new Float32Array(width * height);
  for (const [left, top, w, h, value] of blocks) {
    for (let y = top; y < top + h; y++) values.fill(value, y * width + left, y * width + left + w);
  }
  return values;
}

test('each region of text gives one box around it, grown by twice its area over its perimeter', () => {
  const boxes = textRegions(map(100, 60, [10, 10, 40, 8, 0.9], [70, 40, 20, 5, 0.6]), 100, 60);
  const growth = (2 * 40 * 8) / (40 + 8);
  expect(boxes).toHaveLength(2);
  expect(boxes[0]).toMatchObject({ x: 30, y: 14, angle: 0 });
  expect(boxes[0]?.width).toBeCloseTo(40 + growth);
  expect(boxes[0]?.height).toBeCloseTo(8 + growth);
});

test('pixels that touch at a corner belong together; specks, slivers and faint regions are no text', () => {
  expect(textRegions(map(40, 40, [5, 5, 10, 5, 0.9], [15, 10, 10, 5, 0.9]), 40, 40)).toHaveLength(1);
  expect(textRegions(map(40, 40, [5, 5, 3, 3, 0.9]), 40, 40)).toEqual([]);
  expect(textRegions(map(40, 40, [5, 5, 30, 2, 0.9]), 40, 40)).toEqual([]);
  expect(textRegions(map(40, 40, [5, 5, 20, 8, 0.2]), 40, 40)).toEqual([]);
});
