import sharp from 'sharp';
import type { Box } from '../analysis.ts';

/** Eight-bit sRGB, three interleaved channels, rows from the top. */
export interface Pixels {
  data: Uint8Array;
  width: number;
  height: number;
}

function asSharp({ data, width, height }: Pixels) {
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** Stretched to exactly `width` by `height`. */
export async function stretch(pixels: Pixels, width: number, height: number): Promise<Pixels> {
  if (pixels.width === width && pixels.height === height) return pixels;
  const data = await asSharp(pixels).resize(width, height, { fit: 'fill' }).raw().toBuffer();
  return { data, width, height };
}

/** Scaled to the square, on black where it is not square itself: from the top left corner, or in the middle. */
export async function fitInSquare(pixels: Pixels, side: number, place: 'corner' | 'middle'): Promise<Pixels> {
  const factor = side / Math.max(pixels.width, pixels.height);
  const scaled = (length: number) => Math.max(1, Math.round(length * factor));
  const { data, width, height } = await stretch(pixels, scaled(pixels.width), scaled(pixels.height));
  if (width === side && height === side) return { data, width, height };
  const [left, top] = place === 'corner' ? [0, 0] : [(side - width) >> 1, (side - height) >> 1];
  const square = new Uint8Array(side * side * 3);
  for (let row = 0; row < height; row++)
    square.set(data.subarray(row * width * 3, (row + 1) * width * 3), ((top + row) * side + left) * 3);
  return { data: square, width: side, height: side };
}

/** The part of the image inside the box, which is rounded to whole pixels and clamped to the image. */
export function crop(pixels: Pixels, box: Box): { pixels: Pixels; left: number; top: number } {
  const left = clamp(Math.floor(box.left), 0, pixels.width - 1);
  const top = clamp(Math.floor(box.top), 0, pixels.height - 1);
  const width = clamp(Math.ceil(box.left + box.width), left + 1, pixels.width) - left;
  const height = clamp(Math.ceil(box.top + box.height), top + 1, pixels.height) - top;
  const data = new Uint8Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const from = ((top + row) * pixels.width + left) * 3;
    data.set(pixels.data.subarray(from, from + width * 3), row * width * 3);
  }
  return { pixels: { data, width, height }, left, top };
}

/** Turned clockwise by a number of quarters. */
export async function turn(pixels: Pixels, quarters: 0 | 1 | 2 | 3): Promise<Pixels> {
  if (quarters === 0) return pixels;
  const data = await asSharp(pixels)
    .rotate(quarters * 90)
    .raw()
    .toBuffer();
  return quarters === 2
    ? { data, width: pixels.width, height: pixels.height }
    : { data, width: pixels.height, height: pixels.width };
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
