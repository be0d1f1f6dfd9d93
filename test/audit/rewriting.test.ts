import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashOf } from '../../src/audit/entry.ts';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';

let folder: string;
let file: string;
let store: SqlResultStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-'));
  file = join(folder, 'results.db');
  store = new SqlResultStore(await SqliteDatabase.open(file));
  await store.migrate();
  for (const who of ['ada', 'ben', 'cleo']) await store.audit.record({ who, action: 'results.exported' });
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const VALUES =
  "SELECT sequence, entry_id, recorded_at, 'nobody', action, about, detail, previous_hash, hash FROM audit_entry";
const NEXT = `SELECT 4, 'new', recorded_at, 'nobody', action, about, detail, hash, '${'e'.repeat(64)}' FROM audit_entry WHERE sequence = 3`;

/** What anybody can try who can open the file: a plain connection, with the options that are its own choice. */
test.each([
  ['as SQLite opens it', ''],
  ['that asks triggers of what it replaces', 'PRAGMA recursive_triggers = ON'],
  ['without foreign keys', 'PRAGMA foreign_keys = OFF'],
])('a second connection %s cannot rewrite the trail', async (_, pragma) => {
  const intruder = new DatabaseSync(file);
  try {
    if (pragma !== '') intruder.exec(pragma);
    const noted = await store.audit.verify();
    for (const statement of [
      `INSERT OR REPLACE INTO audit_entry ${VALUES} WHERE sequence = 2`,
      `REPLACE INTO audit_entry ${VALUES} WHERE sequence = 3`,
      `INSERT INTO audit_entry ${VALUES} WHERE sequence = 2 ON CONFLICT (sequence) DO UPDATE SET who = 'nobody'`,
      // A successor of the head that takes the place of another entry by its id.
      `INSERT OR REPLACE INTO audit_entry ${NEXT.replace("'new'", '(SELECT entry_id FROM audit_entry WHERE sequence = 1)')}`,
      `INSERT OR REPLACE INTO audit_entry ${NEXT.replace('SELECT 4', 'SELECT NULL')}`,
      `INSERT OR REPLACE INTO audit_entry ${NEXT.replace('SELECT 4', 'SELECT 9')}`,
      "UPDATE OR REPLACE audit_entry SET who = 'nobody' WHERE sequence = 2",
      'UPDATE OR REPLACE audit_entry SET sequence = 1 WHERE sequence = 2',
      'DELETE FROM audit_entry WHERE sequence = 3',
      `UPDATE audit_head SET sequence = 2, hash = (SELECT hash FROM audit_entry WHERE sequence = 2)`,
      `UPDATE audit_head SET hash = '${'f'.repeat(64)}'`,
      `INSERT OR REPLACE INTO audit_head VALUES (1, 2, '${'f'.repeat(64)}')`,
      `INSERT INTO audit_head VALUES (2, 2, '${'f'.repeat(64)}')`,
      'DELETE FROM audit_head',
    ]) {
      expect(() => intruder.exec(statement), statement).toThrow(/append-only|only moves on/);
    }
    expect(await store.audit.verify()).toEqual(noted);
    await store.audit.record({ who: 'dan', action: 'results.exported' });
    expect(await store.audit.verify([noted.head])).toMatchObject({ entries: 4, problems: [] });
  } finally {
    intruder.close();
  }
});

test('whoever removes the triggers and writes the end anew, hashes and head too, is found by what was noted', async () => {
  const { head } = await store.audit.verify();
  const intruder = new DatabaseSync(file);
  const last = { ...(await store.audit.list())[0] } as Record<string, string>;
  const forged = { id: last.id, at: last.at, who: 'nobody', action: last.action, about: '[]', detail: '{}' };
  const hash = hashOf(forged as Parameters<typeof hashOf>[0], last.previous ?? '');
  intruder.exec(`DROP TRIGGER audit_entry_no_update; DROP TRIGGER audit_head_no_return;
    UPDATE audit_entry SET who = 'nobody', detail = '{}', hash = '${hash}' WHERE sequence = 3;
    UPDATE audit_head SET hash = '${hash}'`);
  intruder.close();
  expect((await store.audit.verify()).problems).toEqual([]);
  expect((await store.audit.verify([head])).problems).toMatchObject([{ sequence: 3, kind: 'altered' }]);
});
