import type { Pixels } from './pixels.ts';

/** Luma within this of the commonest is paper; farther from it than the second is ink. Both 0 to 255. */
const PAPER = 10;
const INK = 60;

/** Shares of the picture that paper takes at least, and ink at least and at most. */
const MOSTLY_PAPER = 0.55;
const SOME_INK = 0.0005;
const MUCH_INK = 0.35;

/** Every so many pixels along and down one is looked at: fewer would miss thin strokes. */
const STEP = 2;

/** Whether a picture looks like something printed: one even ground and a little that stands out from it. */
export function isPrinted({ data, width, height }: Pixels): boolean {
  const counts = new Uint32Array(256);
  for (let y = 0; y < height; y += STEP) {
    for (let x = 0; x < width; x += STEP) {
      const at = (y * width + x) * 3;
      const luma = (77 * (data[at] ?? 0) + 150 * (data[at + 1] ?? 0) + 29 * (data[at + 2] ?? 0)) >> 8;
      counts[luma] = (counts[luma] ?? 0) + 1;
    }
  }
  const total = Math.ceil(width / STEP) * Math.ceil(height / STEP);
  const commonest = counts.indexOf(Math.max(...counts));
  const share = (isCounted: (distance: number) => boolean) =>
    counts.reduce((sum, count, luma) => sum + (isCounted(Math.abs(luma - commonest)) ? count : 0), 0) / total;
  const ink = share((distance) => distance > INK);
  return share((distance) => distance <= PAPER) > MOSTLY_PAPER && ink > SOME_INK && ink < MUCH_INK;
}
