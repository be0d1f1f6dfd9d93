import Table from 'cli-table3';

/** One figure that was aimed at. */
export interface Aim {
  text: string;
  measured: number;
  limit: number;
  /** Whether `limit` is the most, or the least, that is wanted. */
  sense: 'at most' | 'at least';
  unit?: string;
}

interface Figures {
  title: string;
  columns: string[];
  rows: (string | number)[][];
}

/** What one part of the benchmark found. */
export interface Report {
  part: string;
  aims: Aim[];
  tables: Figures[];
  /** What a reader must know to read the figures. */
  notes: string[];
}

export const isMet = ({ measured, limit, sense }: Aim): boolean =>
  sense === 'at most' ? measured <= limit : measured >= limit;

/** Three significant digits are more than a shared machine is good for. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

export function render(report: Report): string {
  const lines: string[] = [`== ${report.part}`];
  if (report.aims.length > 0) {
    lines.push(
      grid(
        ['aim', 'measured', 'wanted', ''],
        report.aims.map((aim) => [
          aim.text,
          `${figure(aim.measured)}${aim.unit ?? ''}`,
          `${aim.sense} ${figure(aim.limit)}${aim.unit ?? ''}`,
          isMet(aim) ? 'met' : 'MISSED',
        ]),
      ),
    );
  }
  for (const { title, columns, rows } of report.tables) {
    lines.push(
      `${title}:`,
      grid(
        columns,
        rows.map((row) => row.map((cell) => (typeof cell === 'number' ? figure(cell) : cell))),
      ),
    );
  }
  for (const note of report.notes) lines.push(`  ${note}`);
  return `${lines.join('\n')}\n`;
}

const NO_LINES = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'],
  ].map((name) => [name, '']),
);

function grid(columns: string[], rows: string[][]): string {
  const table = new Table({
    head: columns,
    chars: { ...NO_LINES, middle: '  ' },
    style: { head: [], border: [], 'padding-left': 2, 'padding-right': 0 },
  });
  table.push(...rows);
  return table.toString();
}
