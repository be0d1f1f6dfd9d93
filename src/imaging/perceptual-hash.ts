import type { Pixels } from '../domain/pixels.ts';
import { resizePixels } from './resize.ts';

/** Bits of a hash. */
export const HASH_BITS = 64;

/** Side of the grey image that is transformed: 32, as in Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010). */
const SIDE = 32;
/** Side of the block of low frequencies that become bits. */
const BLOCK = 8;
/** Standard deviation of the grey levels (0 to 255) below which an image has nothing to be recognised by. */
const PLAIN = 3;

/**
 * The pHash of an image: the signs, against their median, of the 64 lowest frequencies of its brightness (rows and
 * columns 1 to 8 of a DCT; the constants, which say how bright it is, are left out). Frequencies survive scaling,
 * recompression and recolouring better than the neighbouring differences of dHash: `npm run bench:duplicates` compares
 * the two.
 *
 * @returns undefined where the image is too plain (a blank page): all such images would look alike
 */
export async function perceptualHash(pixels: Pixels): Promise<bigint | undefined> {
  const grey = await resizePixels(pixels, SIDE, SIDE, { grey: true });
  if (variance(grey) < PLAIN ** 2) return undefined;
  const frequencies = lowFrequencies(grey);
  const sorted = Float64Array.from(frequencies).sort();
  const median = ((sorted[HASH_BITS / 2 - 1] as number) + (sorted[HASH_BITS / 2] as number)) / 2;
  let hash = 0n;
  for (const value of frequencies) hash = (hash << 1n) | (value > median ? 1n : 0n);
  return hash;
}

function variance(values: Uint8Array): number {
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  return squares / values.length - mean * mean;
}

/** `COSINES[k * SIDE + x]`: the type II DCT's basis for frequency k + 1. */
const COSINES = Float64Array.from({ length: BLOCK * SIDE }, (_, at) => {
  const [k, x] = [Math.floor(at / SIDE) + 1, at % SIDE];
  return Math.cos(((2 * x + 1) * k * Math.PI) / (2 * SIDE));
});

/** Rows first, then columns: only the block that is asked for. */
function lowFrequencies(grey: Uint8Array): Float64Array {
  const rows = new Float64Array(SIDE * BLOCK);
  for (let y = 0; y < SIDE; y++) {
    for (let k = 0; k < BLOCK; k++) {
      let sum = 0;
      for (let x = 0; x < SIDE; x++)
        sum += (grey[y * SIDE + x] as number) * (COSINES[k * SIDE + x] as number);
      rows[y * BLOCK + k] = sum;
    }
  }
  const block = new Float64Array(BLOCK * BLOCK);
  for (let v = 0; v < BLOCK; v++) {
    for (let u = 0; u < BLOCK; u++) {
      let sum = 0;
      for (let y = 0; y < SIDE; y++)
        sum += (rows[y * BLOCK + u] as number) * (COSINES[v * SIDE + y] as number);
      block[v * BLOCK + u] = sum;
    }
  }
  return block;
}
