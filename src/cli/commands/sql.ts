import { assertOneSelect } from '../../results/read-only.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { count } from '../format/count.ts';
import { printable } from '../format/printable.ts';
import { table } from '../format/table.ts';
import { whole } from '../option-values.ts';
import { runQuery } from '../sql/run-query.ts';
import { whoIsThis } from '../who.ts';

interface SqlOptions {
  timeout: number;
  json?: boolean;
}

export const addSql: AddCommand = (program, context) => {
  program
    .command('sql')
    .description('ask the results in SQL (read only)')
    .argument('<query>', 'one statement that reads')
    .option('--timeout <seconds>', 'ends a statement that takes longer', whole, 60)
    .option('--json', 'a JSON array of rows')
    .addHelpText(
      'after',
      examples(
        'imaginem sql "SELECT name, COUNT(*) AS images FROM image_tag GROUP BY name ORDER BY images DESC"',
        'imaginem sql "SELECT image_url, text FROM pipeline_output WHERE text IS NOT NULL" --json',
      ),
    )
    .action((query: string, options: SqlOptions) => sql(query, options, context));
};

async function sql(
  query: string,
  options: SqlOptions,
  { connect, screen, signal }: CommandContext,
): Promise<void> {
  assertOneSelect(query);
  const { settings } = await connect();
  const asked = { query, who: whoIsThis() };
  const rows = await runQuery(asked, { settings, limitMs: options.timeout * 1000, signal });
  if (options.json) {
    screen.line(JSON.stringify(rows, undefined, 2));
    return;
  }
  const [first] = rows;
  if (!first) {
    screen.line('No rows.');
    return;
  }
  const head = Object.keys(first);
  const cells = rows.map((row) => head.map((column) => printable(cell(row[column]))));
  screen.line(`${table(head, cells)}\n${count(rows.length, 'row')}.`);
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
