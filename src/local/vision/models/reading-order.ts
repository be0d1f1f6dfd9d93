import { mean } from './ctc.ts';

/** A line of text as the reader's eye meets it: an upright box in a page that is the right way up. */
interface PlacedLine {
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** Whether it is written from right to left: where most lines are, rows and columns are read that way. */
  rightToLeft?: boolean | undefined;
}

/** Fewer rows than this on either side of a gutter are a heading, a label or a table, not a column. */
const MIN_COLUMN_ROWS = 3;

/** A gutter's width, at least, in heights of the boxes of lines, which are nearly twice their letters' size. */
const NARROWEST = 0.5;

/**
 * Lines in reading order: rows from the top, each from the left, except that where a gutter half as wide as a line is high
 * runs down between at least three rows on either side, one column is read before the other: the left before the
 * right, unless most lines are written from right to left.
 */
export function readingOrder<L extends PlacedLine>(lines: readonly L[]): L[] {
  const rows = groupRows(lines);
  const ordered: L[] = [];
  for (let at = 0; at < rows.length; ) {
    const columns = findColumns(rows, at);
    if (columns === undefined) {
      ordered.push(...(rows[at] ?? []));
      at++;
    } else {
      const [first, second] = isRightToLeft([...columns.left, ...columns.right])
        ? [columns.right, columns.left]
        : [columns.left, columns.right];
      ordered.push(...readingOrder(first), ...readingOrder(second));
      at = columns.end;
    }
  }
  return ordered;
}

function isRightToLeft(lines: readonly PlacedLine[]): boolean {
  return lines.filter(({ rightToLeft }) => rightToLeft).length > lines.length / 2;
}

/**
 * Rows from the top, each from the left: a line joins the row whose nearest line has its middle within half of the
 * lower one's height. Over the length of a wide picture a row may rise by more than that.
 */
function groupRows<L extends PlacedLine>(lines: readonly L[]): L[][] {
  const middle = (line: PlacedLine) => (line.top + line.bottom) / 2;
  const height = (line: PlacedLine) => line.bottom - line.top;
  // Below zero where they stand above each other.
  const distance = (a: L, b: L) => Math.max(a.left, b.left) - Math.min(a.right, b.right);
  const rows: L[][] = [];
  for (const line of lines.toSorted((a, b) => middle(a) - middle(b))) {
    const row = rows.find((members) => {
      const nearest = members.reduce((best, member) =>
        distance(member, line) < distance(best, line) ? member : best,
      );
      return Math.abs(middle(nearest) - middle(line)) < 0.5 * Math.min(height(nearest), height(line));
    });
    if (row === undefined) rows.push([line]);
    else row.push(line);
  }
  for (const row of rows)
    row.sort(isRightToLeft(row) ? (a, b) => b.right - a.right : (a, b) => a.left - b.left);
  return rows;
}

/** The longest run of rows from `start` through which one gutter runs, as two columns; `end` is the row after it. */
function findColumns<L extends PlacedLine>(rows: readonly L[][], start: number) {
  let found: { left: L[]; right: L[]; end: number } | undefined;
  const lines: L[] = [];
  for (let end = start; end < rows.length; end++) {
    lines.push(...(rows[end] ?? []));
    const gutter = widestGutter(lines);
    if (lines.length > (rows[start]?.length ?? 0) && gutter === undefined && found !== undefined) break;
    if (gutter === undefined) continue;
    const left = lines.filter((line) => line.right <= gutter);
    const right = lines.filter((line) => line.left >= gutter);
    if (Math.min(groupRows(left).length, groupRows(right).length) < MIN_COLUMN_ROWS) continue;
    found = { left, right, end: end + 1 };
  }
  return found;
}

/** The middle of the widest empty strip between lines, if it is wide enough for a gutter. */
function widestGutter(lines: readonly PlacedLine[]): number | undefined {
  const minimum = NARROWEST * mean(lines.map((line) => line.bottom - line.top));
  let reach = Number.NEGATIVE_INFINITY;
  let best: { width: number; middle: number } | undefined;
  for (const { left, right } of lines.toSorted((a, b) => a.left - b.left)) {
    const width = left - reach;
    if (Number.isFinite(width) && width >= minimum && width > (best?.width ?? 0)) {
      best = { width, middle: (left + reach) / 2 };
    }
    reach = Math.max(reach, right);
  }
  return best?.middle;
}
