import Table from 'cli-table3';

/** Columns of a terminal where its width is not known. */
const USUAL_WIDTH = 120;
const LEAST_COLUMN = 6;

/**
 * A table as wide as the terminal at most, long cells broken over lines.
 *
 * @param width in characters
 */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width = terminalWidth(),
) {
  const wanted = head.map((title, column) =>
    Math.max(
      ...[title, ...rows.map((row) => row[column] ?? '')].flatMap((cell) => cell.split('\n')).map(length),
    ),
  );
  const widths = narrowed(wanted, width - head.length - 1);
  const drawn = new Table({
    head: [...head],
    colWidths: widths.map((content) => content + 2),
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  });
  drawn.push(
    ...rows.map((row) =>
      row.map((content, column) => ({
        content,
        // A word longer than its column would lose its end, were it not broken.
        wrapOnWordBoundary: content.split(/\s/).every((word) => length(word) <= (widths[column] ?? 0)),
      })),
    ),
  );
  return drawn.toString();
}

const terminalWidth = (): number => process.stdout.columns || USUAL_WIDTH;

const length = (text: string): number => [...text].length;

/** Takes from the widest columns until all fit; each content is given two characters of padding. */
function narrowed(wanted: readonly number[], room: number): number[] {
  const widths = wanted.map((width) => Math.max(width, 1));
  let over = widths.reduce((sum, width) => sum + width + 2, 0) - room;
  while (over > 0) {
    const widest = Math.max(...widths);
    if (widest <= LEAST_COLUMN) break;
    widths[widths.indexOf(widest)] = widest - 1;
    over -= 1;
  }
  return widths;
}
