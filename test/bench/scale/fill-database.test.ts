import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildSet } from '../../../bench/api/build-set.ts';
import { SET_TABLES, type SetRow } from '../../../bench/api/set-rows.ts';
import { fillDatabase, indexesOf, insertsOf } from '../../../bench/scale/fill-database.ts';
import { madeIds } from '../../../bench/scale/filled.ts';
import { setOf } from '../../../bench/scale/set-of.ts';
import type { Database } from '../../../src/database/database.ts';
import { raw, render } from '../../../src/database/sql.ts';
import { SqliteDatabase, sqliteDialect } from '../../../src/database/sqlite.ts';
import { SqlServerDatabase, sqlServerDialect } from '../../../src/database/sqlserver.ts';
import { SqlResultStore } from '../../../src/results/sql-result-store.ts';
import { TsqlOnSqlite } from '../../results/tsql-on-sqlite.ts';

const IMAGES = 300;
const { ids } = madeIds(IMAGES);
const set = setOf(ids);
const FOLLOWING_TABLES = ['match_decision', 'batch_count', 'step_count', 'tag_count'];
const silent = () => {};

/** All rows of all tables of a set, in an order of their own. */
async function contentOf(database: Database): Promise<Record<string, string[]>> {
  const content: Record<string, string[]> = {};
  for (const table of [...SET_TABLES.map(({ name }) => name), ...FOLLOWING_TABLES]) {
    const [rows = []] = await database.read([raw(`SELECT * FROM ${table}`)]);
    content[table] = rows.map((row) => JSON.stringify(row)).sort();
  }
  return content;
}

describe('a set by the statements of a database', () => {
  const server = new TsqlOnSqlite();
  let folder: string;
  let fast: SqliteDatabase;
  let slow: SqliteDatabase;
  let played: SqlServerDatabase;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fill-'));
    await buildSet(join(folder, 'fast.db'), IMAGES, silent, set);
    fast = await SqliteDatabase.open(join(folder, 'fast.db'));
    slow = await SqliteDatabase.open(join(folder, 'slow.db'));
    await fillDatabase(slow, IMAGES, set, silent);
    played = new SqlServerDatabase(server.driver(), { server: 'played' });
    await fillDatabase(played, IMAGES, set, silent);
  });
  afterAll(async () => {
    for (const database of [fast, slow, played]) await database.close();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('has the rows of the set that is written straight into a file, and counts that agree with them', async () => {
    const wanted = await contentOf(fast);
    expect(wanted.pipeline_output).toHaveLength(IMAGES);
    expect(wanted.face_match).toHaveLength(IMAGES / 5 - 1);
    expect(wanted.match_decision?.length).toBeGreaterThan(10);
    expect(await contentOf(slow)).toEqual(wanted);
    expect(await contentOf(played)).toEqual(wanted);
    const stores = [fast, slow, played].map((database) => new SqlResultStore(database));
    const [totals, ...others] = await Promise.all(stores.map((store) => store.counts.totals()));
    expect(others).toEqual([totals, totals]);
    expect(await stores[2]?.counts.recount()).toEqual([]);
  });

  test('half of the images may not be matched, and of a pair the lower face comes first', async () => {
    const [halves, pairs] = await fast.read([
      raw('SELECT do_not_match, COUNT(*) AS images FROM pipeline_output GROUP BY do_not_match'),
      raw('SELECT COUNT(*) AS pairs FROM face_match WHERE face_a >= face_b'),
    ]);
    expect(halves).toEqual([
      { do_not_match: 0, images: IMAGES / 2 + 1 },
      { do_not_match: 1, images: IMAGES / 2 - 1 },
    ]);
    expect(pairs).toEqual([{ pairs: 0 }]);
  });

  test('has the indexes of its schema afterwards', async () => {
    const indexes = async (database: SqliteDatabase) =>
      (
        await database.query(
          "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY name",
        )
      ).map(({ sql }) => sql);
    const wanted = await indexes(fast);
    expect(await indexes(slow)).toEqual(wanted);
    expect(indexesOf(sqliteDialect).length).toBeGreaterThan(20);
    for (const { statement } of indexesOf(sqliteDialect)) expect(wanted).toContain(statement);
    const dropped = server.sent.flatMap(({ text }) => /^DROP INDEX (\w+) ON \w+$/.exec(text)?.[1] ?? []);
    // The migrations drop some of their own.
    expect(dropped).toEqual(expect.arrayContaining(indexesOf(sqlServerDialect).map(({ name }) => name)));
  });

  test('goes to a server in statements within its limits, most of them of one text', () => {
    const inserts = server.sent.filter(
      ({ text, parameters }) => /^INSERT INTO \w+ /.test(text) && Object.keys(parameters).length > 20,
    );
    const rows = inserts.map(({ text }) => text.split('), (').length);
    expect(Math.max(...rows)).toBeLessThanOrEqual(1000);
    expect(Math.max(...rows)).toBeGreaterThan(300);
    for (const { parameters } of inserts) expect(Object.keys(parameters).length).toBeLessThanOrEqual(2000);
    expect(inserts.length).toBeGreaterThan(10);
    expect(new Set(inserts.map(({ text }) => text)).size).toBeLessThan(inserts.length);
  });

  test.each([1, 199, 200, 201, 1999])('%i rows are inserted once each', (many) => {
    const image = SET_TABLES[0];
    if (!image) throw new Error('no table');
    const rows: SetRow[] = Array.from({ length: many }, (_, n) => [
      ...[`id ${n}`, 'b', 't', 'done', 0, 'u', 'c', 'w', 1, 0],
    ]);
    const statements = insertsOf(image, rows, sqlServerDialect);
    expect(statements.flatMap(({ parameters }) => parameters.filter((_, at) => at % 10 === 0))).toEqual(
      rows.map(([id]) => ({ type: 'text', value: id })),
    );
    for (const statement of statements) {
      expect(statement.parameters.length).toBeLessThanOrEqual(sqlServerDialect.maxParameters);
      expect(statement.parts).toHaveLength(statement.parameters.length + 1);
      const [, values = ''] = render(statement, () => '?').split(' VALUES ');
      expect(values).toMatch(/^\((?:\?, ){10}0, 4000, .*'\)$/s);
    }
  });
});
