import { renameSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { CARDS, cardRowOf, FOLLOWING, rowsOf, SET_TABLES, type SetIds, WORLD_IDS } from './set-rows.ts';
import { timeOf } from './world.ts';

/** Images in one transaction. */
const AT_ONCE = 50_000;

/**
 * Writes a set of results straight into the tables: through the store it would take hours. Indexes are made at the end,
 * counts from the rows as a migration makes them.
 */
export async function buildSet(
  file: string,
  images: number,
  say: (line: string) => void,
  ids: SetIds = WORLD_IDS,
): Promise<void> {
  const part = `${file}.part`;
  rmSync(part, { force: true });
  const store = new SqlResultStore(await SqliteDatabase.open(part));
  await store.migrate();
  await store.close();

  const database = new DatabaseSync(part);
  database.exec(
    'PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -400000; PRAGMA temp_store = MEMORY',
  );
  const indexes = database
    .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    .all() as { name: string; sql: string }[];
  for (const { name } of indexes) database.exec(`DROP INDEX ${name}`);

  const inserts = new Map(
    SET_TABLES.map((table) => {
      const names = [...Object.keys(table.columns), ...Object.keys(table.constants)];
      const values = [...Object.keys(table.columns).map(() => '?'), ...Object.values(table.constants)];
      const into = `INSERT INTO ${table.name} (${names.join(', ')}) VALUES (${values.join(', ')})`;
      return [table, database.prepare(into)];
    }),
  );
  // By id, which is random to everything else, as hashes are: then only the indexes are out of order.
  for (let written = 0; written < images; written++) {
    if (written % AT_ONCE === 0) database.exec('BEGIN');
    rowsOf(ids.order?.[written] ?? written, images, ids, (table, row) => {
      if (table !== CARDS) inserts.get(table)?.run(...row);
    });
    if ((written + 1) % AT_ONCE === 0 || written + 1 === images) {
      database.exec('COMMIT');
      say(`${(written + 1).toLocaleString('en')} images`);
    }
  }
  const keys = Array.from({ length: images }, (_, n) => `${timeOf(n, images)} ${ids.idOf(n)}`);
  database.exec('BEGIN');
  for (const n of Uint32Array.from(keys.keys()).sort((one, other) =>
    (keys[one] ?? '') < (keys[other] ?? '') ? -1 : 1,
  ))
    inserts.get(CARDS)?.run(...cardRowOf(n, images, ids));
  database.exec('COMMIT');
  say(`${indexes.length} indexes`);
  for (const { sql } of indexes) {
    database.exec(sql);
  }
  for (const statement of FOLLOWING) database.exec(statement);
  say('decisions and counts');
  database.close();
  renameSync(part, file);
}
