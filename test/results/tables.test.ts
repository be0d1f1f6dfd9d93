import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { join, raw, sql, text } from '../../src/database/sql.ts';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import { jobKey } from '../../src/domain/job-id.ts';
import { IMAGE_CHILDREN } from '../../src/results/image-children.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { type ResultTable, rowsAbout } from '../../src/results/table.ts';
import { IMAGE_TABLES, OTHER_TABLES, RESULT_TABLES } from '../../src/results/tables.ts';
import { decide, lookFor, matching, nameFace } from './fixtures.ts';

let folder: string;
let database: SqliteDatabase;
let store: SqlResultStore;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tables-'));
  database = await SqliteDatabase.open(path.join(folder, 'results.db'));
  store = new SqlResultStore(database);
  await store.migrate();
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const select = async (statement: string) => (await database.read([raw(statement)]))[0] ?? [];

test('every table of the database is described, and nothing else', async () => {
  const tables = await select("SELECT name FROM sqlite_master WHERE type = 'table'");
  expect(RESULT_TABLES.map(({ name }) => name).sort()).toEqual(tables.map(({ name }) => name).sort());
});

test('a description has the columns of its table, the key that is unique, and every column that names an image or a face', async () => {
  for (const { name, key, images = [], faces = [] } of RESULT_TABLES) {
    const all = (await select(`SELECT name FROM pragma_table_info('${name}')`)).map((row) => row.name);
    const unique: string[] = [];
    for (const index of await select(`SELECT name FROM pragma_index_list('${name}') WHERE [unique] = 1`)) {
      const parts = await select(`SELECT name FROM pragma_index_info('${index.name}') ORDER BY seqno`);
      unique.push(parts.map((part) => part.name).join());
    }
    const primary = await select(`SELECT name FROM pragma_table_info('${name}') WHERE pk > 0 ORDER BY pk`);
    unique.push(primary.map((part) => part.name).join());
    expect(unique, `the key of ${name}`).toContain(key.join());
    const naming = all.filter((column) => /^image_(id|[ab])$/.test(String(column)));
    expect(images, `every column of ${name} that names an image`).toEqual(expect.arrayContaining(naming));
    for (const column of images) expect(all).toContain(column);
    for (const column of faces) expect(all).toContain(column);
    const child = IMAGE_CHILDREN.find((each) => each.name === name);
    if (child === undefined) continue;
    const saved = ['image_id', ...Object.keys(child.columns)];
    expect(saved.sort(), `what a save writes to ${name}`).toEqual(all.sort());
  }
});

test('clear and erasure leave nothing in the tables that are about an image', async () => {
  const rich = (id: string, other: string) =>
    matching(id, [other], {
      tags: [{ name: 'person', confidence: 1 }],
      categories: [{ name: 'people_', score: 0.5 }],
      warnings: [{ code: 'TooDark', message: 'x' }],
      caption: 'a person',
    });
  const count = async () => {
    const rows: Record<string, unknown> = {};
    for (const { name } of IMAGE_TABLES)
      rows[name] = (await select(`SELECT COUNT(*) AS n FROM ${name}`))[0]?.n;
    return rows;
  };
  const fill = async () => {
    await store.save(rich('one', 'two'));
    await store.save(rich('two', 'one'));
    await decide(store, ['one-0', 'two-0'], 'confirmed', 'somebody');
    await nameFace(store, 'one-0');
    await lookFor(store, 'one');
    const rows = await count();
    const filled = [
      ...IMAGE_CHILDREN.map(({ name }) => name),
      'face_match',
      'match_decision',
      'pipeline_output',
    ];
    for (const name of filled) expect(rows[name], name).toBeGreaterThan(0);
  };
  const none = Object.fromEntries(IMAGE_TABLES.map(({ name }) => [name, 0]));
  await fill();
  await store.erasures.remove(['one', 'two'], new AbortController().signal);
  await store.erasures.enquiries.remove(['e']);
  expect(await count()).toEqual(none);
  expect(await store.erasures.count(['one', 'two'])).toEqual(none);
  await fill();
  expect(await store.clear()).toBe(2);
  expect(await count()).toEqual(none);
  for (const { name } of OTHER_TABLES.filter(({ cleared }) => cleared))
    expect(await select(`SELECT * FROM ${name}`)).toEqual([]);
});

test('rows that name a face belong to the image of that face, whatever else is called alike', async () => {
  const table: ResultTable = {
    name: 'face_note',
    key: ['face_key'],
    faces: ['face_key', 'other'],
    holds: 'x',
  };
  await database.write((session) => session.run([raw('CREATE TABLE face_note (face_key TEXT, other TEXT)')]));
  const ids = fc.oneof(
    fc.constantFrom('a', 'a-1', 'a-1-2', 'A', 'a_1', 'ab', 'a.', 'a ', 'ä', "'; --"),
    fc.string({ minLength: 1, maxLength: 12 }),
  );
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(ids, { minLength: 2, maxLength: 6, selector: jobKey }), async (jobs) => {
      const keys = jobs.map((id) => `${jobKey(id)}-1`);
      await database.write((session) =>
        session.run([
          sql`DELETE FROM face_note`,
          ...keys.map((key) => sql`INSERT INTO face_note VALUES (${text(key)}, NULL)`),
          sql`INSERT INTO face_note VALUES (${text('z-1')}, ${text(keys[0])})`,
        ]),
      );
      const about = async (some: string[]) => {
        const where = join(rowsAbout(table, some), ' OR ');
        const [rows] = await database.read([sql`SELECT face_key FROM face_note WHERE ${where}`]);
        return (rows ?? []).map((row) => row.face_key).sort();
      };
      expect(await about([jobs[0] as string])).toEqual([keys[0], 'z-1'].sort());
      expect(await about(jobs)).toEqual([...keys, 'z-1'].sort());
    }),
    { numRuns: 60 },
  );
  expect(rowsAbout({ name: 'x', key: ['y'], holds: 'nothing' }, ['a'])).toEqual([]);
});
