import type { Database, Dialect } from '../../src/database/database.ts';
import { type Parameter, raw, type Sql, text } from '../../src/database/sql.ts';
import { migrations } from '../../src/results/schema.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { FOLLOWING, rowsOf, SET_TABLES, type SetIds, type SetRow, type SetTable } from '../api/set-rows.ts';

/** Images in one transaction. */
const AT_ONCE = 2000;
/** Transactions at once: a server has several processors, and each waits for the network. */
const LANES = 4;

/**
 * The set of `buildSet` in a database that has no table yet, by its own statements: many rows in each, indexes made at the
 * end, counts from the rows. For a server, whose files nobody can write straight into.
 */
export async function fillDatabase(
  database: Database,
  images: number,
  ids: SetIds,
  say: (words: string) => void,
): Promise<void> {
  const { dialect } = database;
  await new SqlResultStore(database).migrate();
  const indexes = indexesOf(dialect);
  const change = (statement: string) => database.write((session) => session.run([raw(statement)]));
  for (const index of indexes) await change(dropOf(index, dialect));

  let [next, written] = [0, 0];
  const lane = async () => {
    while (next < images) {
      const first = next;
      next = Math.min(images, first + AT_ONCE);
      const numbers = Array.from({ length: next - first }, (_, n) => ids.order?.[first + n] ?? first + n);
      await fillSome(database, numbers, images, ids);
      written += numbers.length;
      say(`${written.toLocaleString('en')} images`);
    }
  };
  try {
    await Promise.all(Array.from({ length: LANES }, lane));
  } finally {
    // Where one has failed, the others stop.
    next = images;
  }
  for (const index of indexes) {
    say(`index ${index.name}`);
    await change(index.statement);
  }
  say('decisions and counts');
  for (const statement of FOLLOWING) await change(statement);
}

/** All rows of some images, in one transaction; another try writes the same. */
function fillSome(
  database: Database,
  numbers: readonly number[],
  images: number,
  ids: SetIds,
): Promise<void> {
  const rows = new Map<SetTable, SetRow[]>(SET_TABLES.map((table) => [table, []]));
  for (const n of numbers) rowsOf(n, images, ids, (table, row) => rows.get(table)?.push(row));
  return database.write(async (session) => {
    // A table at a time, so that its full statements have one text: a server plans it once.
    for (const [table, its] of rows) await session.run(insertsOf(table, its, database.dialect));
  });
}

/** Multi-row `INSERT ... VALUES` within the limits of the database, as `insertRows`; what is the same in all rows is no parameter. */
export function insertsOf(
  { name, columns, constants }: SetTable,
  rows: readonly SetRow[],
  limits: Pick<Dialect, 'rowsPerInsert' | 'maxParameters'>,
): Sql[] {
  const types = Object.values(columns);
  const most = Math.min(limits.rowsPerInsert, Math.floor(limits.maxParameters / types.length));
  const into = `INSERT INTO ${name} (${[...Object.keys(columns), ...Object.keys(constants)].join(', ')}) VALUES (`;
  const end = Object.values(constants)
    .map((literal) => `, ${literal}`)
    .join('');
  const statements: Sql[] = [];
  for (let start = 0; start < rows.length; start += most) {
    const some = rows.slice(start, start + most);
    statements.push({
      parts: [
        into,
        ...some.flatMap((_, at) => [
          ...types.slice(1).map(() => ', '),
          `${end})${at + 1 < some.length ? ', (' : ''}`,
        ]),
      ],
      parameters: some.flatMap((row) => row.map((value, at) => parameter(types[at] ?? 'text', value))),
    });
  }
  return statements;
}

const parameter = (type: Parameter['type'], value: Parameter['value']): Parameter =>
  typeof value === 'string' ? text(value) : { type, value };

interface Index {
  name: string;
  table: string;
  statement: string;
}

/** Indexes that the migrations leave on the tables of the set, without those that are keys. */
export function indexesOf(dialect: Dialect): Index[] {
  const found = new Map<string, Index>();
  for (const statement of migrations.flatMap(({ statements }) => statements(dialect))) {
    const [, name, table] = /^CREATE INDEX (\w+) ON (\w+) /.exec(statement) ?? [];
    if (name && table) found.set(name, { name, table, statement });
    const [, dropped] = /^DROP INDEX (\w+)/.exec(statement) ?? [];
    if (dropped) found.delete(dropped);
  }
  const filled = new Set(SET_TABLES.map((table) => table.name));
  return [...found.values()].filter(({ table }) => filled.has(table));
}

const dropOf = ({ name, table }: Index, { name: dialect }: Dialect): string =>
  `DROP INDEX ${name}${dialect === 'sqlserver' ? ` ON ${table}` : ''}`;
