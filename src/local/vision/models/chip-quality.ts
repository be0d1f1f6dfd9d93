import type { AnalyzedFace } from '../analysis.ts';
import { CHIP_SIDE } from './alignment.ts';

/** The part of the chip that is face, away from hair and background. */
const FACE = { left: 30, right: 120, top: 30, bottom: 130 };

/**
 * How good an aligned face is to look at: variance of the Laplacian (sharpness), mean luma (BT.601), and noise sigma
 * after Immerkaer, "Fast noise variance estimation" (1996).
 *
 * @param chip RGB, 0 to 255, as {@link cutChip} makes it
 */
export function chipQuality(chip: Float32Array): Pick<AnalyzedFace, 'sharpness' | 'luma' | 'noise'> {
  const luma = new Float32Array(CHIP_SIDE * CHIP_SIDE);
  for (let i = 0; i < luma.length; i++) {
    luma[i] = 0.299 * (chip[3 * i] ?? 0) + 0.587 * (chip[3 * i + 1] ?? 0) + 0.114 * (chip[3 * i + 2] ?? 0);
  }
  let count = 0;
  let sum = 0;
  let sumOfSquares = 0;
  let sumOfLuma = 0;
  let noise = 0;
  for (let y = FACE.top; y < FACE.bottom; y++) {
    for (let x = FACE.left; x < FACE.right; x++) {
      const at = y * CHIP_SIDE + x;
      const own = luma[at] ?? 0;
      const cross =
        (luma[at - 1] ?? 0) + (luma[at + 1] ?? 0) + (luma[at - CHIP_SIDE] ?? 0) + (luma[at + CHIP_SIDE] ?? 0);
      const diagonal =
        (luma[at - CHIP_SIDE - 1] ?? 0) +
        (luma[at - CHIP_SIDE + 1] ?? 0) +
        (luma[at + CHIP_SIDE - 1] ?? 0) +
        (luma[at + CHIP_SIDE + 1] ?? 0);
      const laplacian = 4 * own - cross;
      sum += laplacian;
      sumOfSquares += laplacian * laplacian;
      sumOfLuma += own;
      noise += Math.abs(diagonal - 2 * cross + 4 * own);
      count++;
    }
  }
  return {
    sharpness: sumOfSquares / count - (sum / count) ** 2,
    luma: sumOfLuma / count,
    noise: (noise * Math.sqrt(Math.PI / 2)) / (6 * count),
  };
}
