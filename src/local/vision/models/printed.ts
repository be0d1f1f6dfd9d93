import type { Pixels } from './pixels.ts';

/** Luma within this of the commonest is paper, 0 to 255. */
const PAPER = 10;

/** What a picture must show to be print. */
interface Marks {
  /** Luma farther than this from the commonest is ink, 0 to 255. */
  ink: number;
  /** Shares of the picture that paper takes at least, and ink at least and at most. */
  mostlyPaper: number;
  someInk: number;
  muchInk: number;
  /** So many narrow strokes stand in a row of pixels that crosses a line or two of text, and so many such rows are print. */
  strokes: number;
  rows: number;
  /** Every so many pixels along and down one is looked at: fewer would miss thin strokes. */
  step: number;
}

const PRINT: Marks = {
  ink: 60,
  mostlyPaper: 0.55,
  someInk: 0.0005,
  muchInk: 0.35,
  strokes: 8,
  rows: 4,
  step: 2,
};

/**
 * The same as an overview of half the size shows them, with room for what is lost there: of 55 pictures of 12 megapixels
 * paper differed by up to 0.02, ink by 0.004, strokes by a fifth.
 */
const TRACES: Marks = {
  ink: 45,
  mostlyPaper: 0.5,
  someInk: 0.00025,
  muchInk: 0.45,
  strokes: 6,
  rows: 2,
  step: 1,
};

/** Strokes of small letters are this narrow at most, in shares of the longer side: the look at a small copy sees what is wider. */
const STROKE = 1 / 60;

/**
 * Whether a picture looks like something printed small: one even ground, a little that stands out from it, and that in
 * narrow strokes, many in a row or in a column. A person before a wall has the ground and not the strokes.
 */
export function isPrinted(picture: Pixels): boolean {
  return shows(PRINT, picture);
}

/** Whether a picture might be found to be printed if more of its pixels were seen. */
export function mayBePrinted(overview: Pixels): boolean {
  return shows(TRACES, overview);
}

function shows(marks: Marks, picture: Pixels): boolean {
  const { luma, columns, rows } = lumaOf(picture, marks.step);
  const counts = new Uint32Array(256);
  for (const value of luma) counts[value] = (counts[value] ?? 0) + 1;
  const total = luma.length;
  const commonest = counts.indexOf(Math.max(...counts));
  const share = (isCounted: (distance: number) => boolean) =>
    counts.reduce((sum, count, luma) => sum + (isCounted(Math.abs(luma - commonest)) ? count : 0), 0) / total;
  const ink = share((distance) => distance > marks.ink);
  const paper = share((distance) => distance <= PAPER);
  if (paper <= marks.mostlyPaper || ink <= marks.someInk || ink >= marks.muchInk) return false;
  const isInk = (at: number) => Math.abs((luma[at] ?? 0) - commonest) > marks.ink;
  const across = (row: number, column: number) => isInk(row * columns + column);
  const down = (column: number, row: number) => isInk(row * columns + column);
  const widest = Math.max(columns, rows) * STROKE;
  return hasStrokes(marks, across, rows, columns, widest) || hasStrokes(marks, down, columns, rows, widest);
}

/** Every `step`th pixel's luma. */
function lumaOf(
  { data, width, height }: Pixels,
  step: number,
): { luma: Uint8Array; columns: number; rows: number } {
  const [columns, rows] = [Math.ceil(width / step), Math.ceil(height / step)];
  const luma = new Uint8Array(columns * rows);
  for (let row = 0, to = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, to++) {
      const at = (row * width + column) * step * 3;
      luma[to] = (77 * (data[at] ?? 0) + 150 * (data[at + 1] ?? 0) + 29 * (data[at + 2] ?? 0)) >> 8;
    }
  }
  return { luma, columns, rows };
}

function hasStrokes(
  marks: Marks,
  isInk: (line: number, place: number) => boolean,
  lines: number,
  places: number,
  widest: number,
): boolean {
  let crossed = 0;
  for (let line = 0; line < lines && crossed < marks.rows; line++) {
    let [strokes, run] = [0, 0];
    for (let place = 0; place < places; place++) {
      if (isInk(line, place)) run++;
      else {
        if (run > 0 && run <= widest) strokes++;
        run = 0;
      }
    }
    if (strokes >= marks.strokes) crossed++;
  }
  return crossed >= marks.rows;
}
