import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { count } from '../format/count.ts';
import { printable } from '../format/printable.ts';
import { table } from '../format/table.ts';
import { whoIsThis } from '../who.ts';

export const addSql: AddCommand = (program, context) => {
  program
    .command('sql')
    .description('ask the results in SQL (read only)')
    .argument('<query>', 'one statement that reads')
    .option('--json', 'a JSON array of rows')
    .addHelpText(
      'after',
      examples(
        'imaginem sql "SELECT name, COUNT(*) AS images FROM image_tag GROUP BY name ORDER BY images DESC"',
        'imaginem sql "SELECT image_url, text FROM pipeline_output WHERE text IS NOT NULL" --json',
      ),
    )
    .action((query: string, options: { json?: boolean }) => sql(query, options, context));
};

async function sql(
  query: string,
  options: { json?: boolean },
  { connect, screen }: CommandContext,
): Promise<void> {
  const store = await (await connect()).results();
  const rows = await store.query(query);
  await store.audit.record({ who: whoIsThis(), action: 'results.queried', detail: { rows: rows.length } });
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
