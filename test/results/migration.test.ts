import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { raw } from '../../src/database/sql.ts';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import { membersOf } from '../../src/people/enquiry/candidate-members.ts';
import { migrate } from '../../src/results/migrate.ts';
import { migrations } from '../../src/results/schema.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { matching } from './fixtures.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'results-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a database of version 1 keeps its images, counts them, and goes on', async () => {
  const database = await SqliteDatabase.open(join(folder, 'results.db'));
  await migrate(database, Date.now, migrations.slice(0, 1));
  const columns =
    'id, batch_id, timestamp, status, run, face_count, image_url, errors, processing_pipeline, tagsJSON, job_output';
  const old = (id: string, batch: string, status: string) =>
    raw(
      `INSERT INTO pipeline_output (${columns}) VALUES ('${id}', '${batch}', '2026-01-01T00:00:00.000Z', '${status}', 0, 2, 'u', '{}', '[]', '[]', '{}')`,
    );
  await database.write((session) =>
    session.run([
      old('one', 'x', 'done'),
      old('two', 'x', 'partial'),
      old('three', 'y', 'done'),
      raw("INSERT INTO image_tag VALUES ('one', 'person', 0.9, '2026-01-01T00:00:00.000Z')"),
      raw("INSERT INTO image_step VALUES ('one', 'ocr', 'failed', 'TooSlow', 'x', 5)"),
      raw("INSERT INTO image_step VALUES ('three', 'ocr', 'done', NULL, NULL, 0)"),
    ]),
  );

  const store = new SqlResultStore(database);
  await store.migrate();
  expect(await store.counts.totals()).toMatchObject({
    images: 3,
    byStatus: { done: 2, partial: 1 },
    faces: 6,
  });
  expect(await store.batches()).toEqual([
    { batchId: 'x', images: 2, byStatus: { done: 1, partial: 1 } },
    { batchId: 'y', images: 1, byStatus: { done: 1 } },
  ]);
  expect(await store.counts.names({ kind: 'tag', limit: 9 })).toEqual([{ name: 'person', images: 1 }]);

  expect(await store.counts.failures()).toEqual([
    { step: 'ocr', state: 'failed', code: 'TooSlow', images: 1 },
  ]);
  expect(
    (await store.counts.outcomes('y')).map(({ step, attempts, took }) => [step, attempts, took]),
  ).toEqual([
    ['', 0, -1],
    ['ocr', 0, -1],
  ]);
  expect(await store.counts.recount()).toEqual([]);

  await store.save(matching('one', [], { batchId: 'y', run: 1 }));
  expect(await store.counts.recount()).toEqual([]);
  expect(await store.counts.totals()).toMatchObject({
    images: 3,
    byStatus: { done: 2, partial: 1 },
    faces: 5,
  });
  expect((await store.counts.batch('x')).images).toBe(1);
  expect(await store.counts.names({ kind: 'tag', limit: 9 })).toEqual([]);
  await store.close();
});

test('a file from before deletions were overwritten is written anew at the first erasure, once', async () => {
  const path = join(folder, 'results.db');
  const contents = () => readFileSync(path).toString('latin1');
  const marker = 'Telltale';
  const before = new DatabaseSync(path);
  before.exec('PRAGMA journal_mode = WAL; PRAGMA secure_delete = OFF; CREATE TABLE old (t TEXT)');
  for (let n = 0; n < 50; n++) before.prepare('INSERT INTO old VALUES (?)').run(marker.repeat(100));
  before.exec('DELETE FROM old; PRAGMA wal_checkpoint(TRUNCATE)');
  before.close();
  expect(contents()).toContain(marker);

  const database = await SqliteDatabase.open(path);
  await database.forget();
  expect(contents()).not.toContain(marker);
  const version = () => database.query('PRAGMA user_version').then(([row]) => row?.user_version);
  expect(await version()).toBe(1);
  await database.close();

  // A new one has nothing to overwrite.
  const fresh = await SqliteDatabase.open(join(folder, 'fresh.db'));
  expect(await fresh.query('PRAGMA user_version')).toEqual([{ user_version: 1 }]);
  await fresh.close();
});

test('a group that had a person in the row of each face goes by its least face, and by the person in one row', async () => {
  const database = await SqliteDatabase.open(join(folder, 'results.db'));
  await migrate(database, Date.now, migrations.slice(0, 17));
  const place = (face: string, group: string) =>
    raw(`INSERT INTO face_group VALUES ('${face}', 'i-${face}', 'x', 'c', '${group}', '${face}', 0)`);
  const group = (id: string, batch: string, person: string | null, lead: string) =>
    raw(
      `INSERT INTO people_group (group_id, batch_id, faces, decided, person_id, contested, lead_face)
        VALUES ('${id}', '${batch}', 2, 1, ${person === null ? 'NULL' : `'${person}'`}, 0, '${lead}')`,
    );
  await database.write((session) =>
    session.run([
      ...[place('b', 'person:p'), place('c', 'person:p'), place('d', 'd'), place('e', 'd')],
      ...[group('person:p', '', 'p', 'c'), group('person:p', 'x', 'p', 'c'), group('d', '', null, 'd')],
    ]),
  );
  await new SqlResultStore(database).migrate();
  const rows = (statement: string) =>
    database.query(statement).then((found) => found.map((row) => ({ ...row })));
  expect(await rows('SELECT face_key, group_id FROM face_group ORDER BY face_key')).toEqual(
    [
      ['b', 'b'],
      ['c', 'b'],
      ['d', 'd'],
      ['e', 'd'],
    ].map(([face_key, group_id]) => ({ face_key, group_id })),
  );
  expect(
    await rows('SELECT group_id, batch_id, group_key FROM people_group ORDER BY group_id, batch_id'),
  ).toEqual([
    { group_id: 'd', batch_id: '', group_key: 'd' },
    { group_id: 'person:p', batch_id: '', group_key: 'b' },
    { group_id: 'person:p', batch_id: 'x', group_key: 'b' },
  ]);
  await database.close();
});

test('a candidate that kept a copy of its faces names its group, or its face where that is alone', async () => {
  const database = await SqliteDatabase.open(join(folder, 'results.db'));
  await migrate(database, Date.now, migrations.slice(0, 19));
  const candidate = (id: string, face: string) =>
    raw(`INSERT INTO candidate (candidate_id, enquiry_id, standing, second_look, score, model, best_face, best_image, faces, first_seen, changed_at, version)
      VALUES ('${id}', 'e', 'open', 0, 0.5, 'm', '${face}', 'i-${face}', 1, '2026', '2026', 1)`);
  await database.write((session) =>
    session.run([
      raw("INSERT INTO face_group VALUES ('b', 'i-b', 'x', 'b', 'b', 'b', 0)"),
      raw("INSERT INTO face_group VALUES ('c', 'i-c', 'x', 'b', 'b', 'c', 0)"),
      ...[candidate('of a group', 'c'), candidate('alone', 'd')],
      raw(
        "INSERT INTO candidate_face VALUES ('of a group', 'b', 'e', 'i-b'), ('of a group', 'c', 'e', 'i-c')",
      ),
      raw("INSERT INTO candidate_face VALUES ('alone', 'd', 'e', 'i-d')"),
    ]),
  );
  await new SqlResultStore(database).migrate();
  const faces = (members: readonly { face: string }[] = []) => members.map(({ face }) => face);
  const members = await membersOf(database, ['of a group', 'alone']);
  expect([...members].map(([id, some]) => [id, faces(some)])).toEqual([
    ['of a group', ['b', 'c']],
    ['alone', ['d']],
  ]);
  expect(await database.hasTable('candidate_face')).toBe(false);
  await database.close();
});

test('steps that failed or were skipped before they had a time are found with the time of their image, and no others have one', async () => {
  const database = await SqliteDatabase.open(join(folder, 'results.db'));
  await migrate(database, Date.now, migrations.slice(0, 21));
  const columns =
    'id, batch_id, timestamp, status, run, face_count, image_url, errors, processing_pipeline, tagsJSON, job_output';
  const old = (id: string, hour: number) =>
    raw(
      `INSERT INTO pipeline_output (${columns}) VALUES ('${id}', 'x', '2026-01-01T0${hour}:00:00.000Z', 'partial', 0, 0, 'u', '{}', '[]', '[]', '{}')`,
    );
  const step = (id: string, name: string, state: string) =>
    raw(`INSERT INTO image_step VALUES ('${id}', '${name}', '${state}', NULL, NULL, 1, 0)`);
  await database.write((session) =>
    session.run([
      ...[old('first', 1), old('second', 2), old('third', 3)],
      ...[step('first', 'ocr', 'failed'), step('first', 'facedetection', 'unavailable')],
      ...[step('second', 'ocr', 'done'), step('second', 'facecrop', 'skipped')],
      ...[step('third', 'ocr', 'failed')],
    ]),
  );
  const store = new SqlResultStore(database);
  await store.migrate();
  const found = async (name: string, state: 'failed' | 'skipped') =>
    (await store.summaries({ outcome: { step: name, state } })).images.map(({ id }) => id);
  expect(await found('ocr', 'failed')).toEqual(['third', 'first']);
  expect(await found('facecrop', 'skipped')).toEqual(['second']);
  expect(
    await database.query('SELECT image_id FROM image_step WHERE timestamp IS NULL ORDER BY image_id'),
  ).toEqual([{ image_id: 'first' }, { image_id: 'second' }]);
  await database.close();
});
