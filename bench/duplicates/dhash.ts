import type { Pixels } from '../../src/domain/pixels.ts';
import { resizePixels } from '../../src/imaging/resize.ts';

/** The hash that pHash is compared with: whether each of 8 x 8 pixels is darker than its right neighbour. */
export async function differenceHash(pixels: Pixels): Promise<bigint> {
  const grey = await resizePixels(pixels, 9, 8, { grey: true });
  let hash = 0n;
  for (let y = 0; y < 8; y++) {
    for (let x = 0; x < 8; x++) {
      hash = (hash << 1n) | ((grey[y * 9 + x] ?? 0) < (grey[y * 9 + x + 1] ?? 0) ? 1n : 0n);
    }
  }
  return hash;
}
