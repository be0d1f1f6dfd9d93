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

/**
 * Strokes of small letters are this narrow at most, in shares of the longer side: the look at a small copy sees what is
 * wider. So many of them stand in a row of pixels that crosses a line or two of text, and so many such rows are print.
 */
const STROKE = 1 / 60;
const STROKES = 8;
const ROWS = 4;

/**
 * Whether a picture looks like something printed small: one even ground, a little that stands out from it, and that in
 * narrow strokes, many in a row or in a column. A person before a wall has the ground and not the strokes.
 */
export function isPrinted(picture: Pixels): boolean {
  const { luma, columns, rows } = lumaOf(picture);
  const counts = new Uint32Array(256);
  // By index: an iterator makes an object for each of a million pixels.
  for (let at = 0; at < luma.length; at++)
    counts[luma[at] as number] = (counts[luma[at] as number] as number) + 1;
  const total = luma.length;
  const commonest = counts.indexOf(Math.max(...counts));
  const share = (isCounted: (distance: number) => boolean) =>
    counts.reduce((sum, count, luma) => sum + (isCounted(Math.abs(luma - commonest)) ? count : 0), 0) / total;
  const ink = share((distance) => distance > INK);
  if (share((distance) => distance <= PAPER) <= MOSTLY_PAPER || ink <= SOME_INK || ink >= MUCH_INK)
    return false;
  const isInk = (at: number) => Math.abs((luma[at] ?? 0) - commonest) > INK;
  const across = (row: number, column: number) => isInk(row * columns + column);
  const down = (column: number, row: number) => isInk(row * columns + column);
  const widest = Math.max(columns, rows) * STROKE;
  return hasStrokes(across, rows, columns, widest) || hasStrokes(down, columns, rows, widest);
}

/** Every {@link STEP}th pixel's luma. */
function lumaOf({ data, width, height }: Pixels): { luma: Uint8Array; columns: number; rows: number } {
  const [columns, rows] = [Math.ceil(width / STEP), Math.ceil(height / STEP)];
  const luma = new Uint8Array(columns * rows);
  for (let row = 0, to = 0; row < rows; row++) {
    for (let at = row * width * STEP * 3, column = 0; column < columns; column++, to++, at += STEP * 3)
      luma[to] =
        (77 * (data[at] as number) + 150 * (data[at + 1] as number) + 29 * (data[at + 2] as number)) >> 8;
  }
  return { luma, columns, rows };
}

function hasStrokes(
  isInk: (line: number, place: number) => boolean,
  lines: number,
  places: number,
  widest: number,
): boolean {
  let crossed = 0;
  for (let line = 0; line < lines && crossed < ROWS; line++) {
    let [strokes, run] = [0, 0];
    for (let place = 0; place < places; place++) {
      if (isInk(line, place)) run++;
      else {
        if (run > 0 && run <= widest) strokes++;
        run = 0;
      }
    }
    if (strokes >= STROKES) crossed++;
  }
  return crossed >= ROWS;
}
