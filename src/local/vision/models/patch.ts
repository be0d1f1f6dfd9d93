import type { Pixels } from './pixels.ts';
import type { Similarity } from './transform.ts';

/** Most samples per side that a pixel of a patch is the mean of. */
const MAX_SAMPLES = 6;

/**
 * A square part of an image, turned and scaled: RGB, 0 to 255, `side` squared. A pixel is the mean of as many bilinear
 * samples as keep what is scaled down from aliasing; what lies outside the image is black.
 *
 * @param transform from pixels of the patch to pixels of the image
 */
export function cutPatch(image: Pixels, { a, b, tx, ty }: Similarity, side: number): Float32Array {
  const patch = new Float32Array(side * side * 3);
  const samples = Math.max(1, Math.min(MAX_SAMPLES, Math.round(Math.hypot(a, b))));
  const share = 1 / (samples * samples);
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at += 3) {
      for (let sy = 0; sy < samples; sy++) {
        const v = y + (sy + 0.5) / samples - 0.5;
        for (let sx = 0; sx < samples; sx++) {
          const u = x + (sx + 0.5) / samples - 0.5;
          addSample(image, a * u - b * v + tx, b * u + a * v + ty, share, patch, at);
        }
      }
    }
  }
  return patch;
}

function addSample(
  { data, width, height }: Pixels,
  px: number,
  py: number,
  share: number,
  into: Float32Array,
  at: number,
): void {
  const x = Math.floor(px);
  const y = Math.floor(py);
  if (x < -1 || y < -1 || x >= width || y >= height) return;
  const fx = px - x;
  const fy = py - y;
  // Neighbours outside the image weigh nothing: that is what black adds.
  const left = x >= 0 ? (1 - fx) * share : 0;
  const right = x + 1 < width ? fx * share : 0;
  const top = y >= 0 ? 1 - fy : 0;
  const bottom = y + 1 < height ? fy : 0;
  const row = (y * width + x) * 3;
  const next = row + width * 3;
  for (let c = 0; c < 3; c++) {
    let sum = 0;
    if (top > 0) sum += top * (left * (data[row + c] ?? 0) + right * (data[row + 3 + c] ?? 0));
    if (bottom > 0) sum += bottom * (left * (data[next + c] ?? 0) + right * (data[next + 3 + c] ?? 0));
    into[at + c] = (into[at + c] as number) + sum;
  }
}
