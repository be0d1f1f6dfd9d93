import type { Pixels } from './pixels.ts';
import { applySimilarity, type Similarity } from './transform.ts';

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
  const places = Float64Array.from({ length: side * samples }, (_, i) => (i + 0.5) / samples - 0.5);
  const { data, width, height } = image;
  if (isWithin(image, { a, b, tx, ty }, side)) {
    cutWithin(image, { a, b, tx, ty }, places, samples, patch);
    return patch;
  }
  const pitch = width * 3;
  // Neither calls nor objects within: a large face is half a million samples, looked at several times.
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at += 3) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let row = y * samples; row < (y + 1) * samples; row++) {
        const v = places[row] as number;
        const fromX = tx - b * v;
        const fromY = ty + a * v;
        for (let column = x * samples; column < (x + 1) * samples; column++) {
          const u = places[column] as number;
          const px = fromX + a * u;
          const py = fromY + b * u;
          if (px < -1 || py < -1 || px >= width || py >= height) continue;
          const left = Math.floor(px);
          const top = Math.floor(py);
          // Neighbours outside the image weigh nothing: that is what black adds. Any within stands for them.
          const l = left < 0 ? 0 : left;
          const r = left + 1 < width ? left + 1 : left;
          const t = top < 0 ? 0 : top;
          const m = top + 1 < height ? top + 1 : top;
          const wr = r === left ? 0 : px - left;
          const wl = l === left ? 1 - px + left : 0;
          const wb = m === top ? 0 : py - top;
          const wt = t === top ? 1 - py + top : 0;
          const tl = t * pitch + l * 3;
          const tr = t * pitch + r * 3;
          const bl = m * pitch + l * 3;
          const br = m * pitch + r * 3;
          const wtl = wt * wl;
          const wtr = wt * wr;
          const wbl = wb * wl;
          const wbr = wb * wr;
          red += wtl * byte(data, tl) + wtr * byte(data, tr) + wbl * byte(data, bl) + wbr * byte(data, br);
          green +=
            wtl * byte(data, tl + 1) +
            wtr * byte(data, tr + 1) +
            wbl * byte(data, bl + 1) +
            wbr * byte(data, br + 1);
          blue +=
            wtl * byte(data, tl + 2) +
            wtr * byte(data, tr + 2) +
            wbl * byte(data, bl + 2) +
            wbr * byte(data, br + 2);
        }
      }
      patch[at] = red * share;
      patch[at + 1] = green * share;
      patch[at + 2] = blue * share;
    }
  }
  return patch;
}

/** Whether every sample has its four neighbours in the image. */
function isWithin({ width, height }: Pixels, transform: Similarity, side: number): boolean {
  return [-0.5, side - 0.5].every((x) =>
    [-0.5, side - 0.5].every((y) => {
      const corner = applySimilarity(transform, { x, y });
      return corner.x >= 0 && corner.y >= 0 && corner.x < width - 1 && corner.y < height - 1;
    }),
  );
}

/** The same sums in the same order, without asking of each sample where it lies: most patches, and the largest, are such. */
function cutWithin(
  { data, width }: Pixels,
  { a, b, tx, ty }: Similarity,
  places: Float64Array,
  samples: number,
  patch: Float32Array,
): void {
  const side = places.length / samples;
  const share = 1 / (samples * samples);
  const pitch = width * 3;
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at += 3) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let row = y * samples; row < (y + 1) * samples; row++) {
        const v = places[row] as number;
        const fromX = tx - b * v;
        const fromY = ty + a * v;
        for (let column = x * samples; column < (x + 1) * samples; column++) {
          const u = places[column] as number;
          const px = fromX + a * u;
          const py = fromY + b * u;
          // Whole numbers, for both are positive.
          const left = px | 0;
          const top = py | 0;
          const wr = px - left;
          const wl = 1 - px + left;
          const wb = py - top;
          const wt = 1 - py + top;
          const wtl = wt * wl;
          const wtr = wt * wr;
          const wbl = wb * wl;
          const wbr = wb * wr;
          const tl = top * pitch + left * 3;
          const bl = tl + pitch;
          red +=
            wtl * byte(data, tl) + wtr * byte(data, tl + 3) + wbl * byte(data, bl) + wbr * byte(data, bl + 3);
          green +=
            wtl * byte(data, tl + 1) +
            wtr * byte(data, tl + 4) +
            wbl * byte(data, bl + 1) +
            wbr * byte(data, bl + 4);
          blue +=
            wtl * byte(data, tl + 2) +
            wtr * byte(data, tl + 5) +
            wbl * byte(data, bl + 2) +
            wbr * byte(data, bl + 5);
        }
      }
      patch[at] = red * share;
      patch[at + 1] = green * share;
      patch[at + 2] = blue * share;
    }
  }
}

const byte = (data: Uint8Array, at: number): number => data[at] as number;
