import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { emptyLog, inTransaction, openDatabase } from '../../../../src/local/vision/store/database.ts';

function folder(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'engine-database-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

test('one engine has the folder, until it ends', () => {
  const home = folder();
  const first = openDatabase(home);
  expect(() => openDatabase(home)).toThrow(/in use by another engine/);
  first.close();
  openDatabase(home).close();
});

test('a backup reads it while the engine works, also within a transaction, and gets what was committed', () => {
  const home = folder();
  const db = openDatabase(home);
  onTestFinished(() => db.close());
  db.exec('CREATE TABLE seen (n INTEGER); INSERT INTO seen VALUES (1)');
  const copy = path.join(home, 'copy.db');
  inTransaction(db, () => {
    db.exec('INSERT INTO seen VALUES (2)');
    const reader = new DatabaseSync(path.join(home, 'engine.db'), { readOnly: true });
    reader.prepare('VACUUM INTO ?').run(copy);
    reader.close();
  });
  const read = new DatabaseSync(copy, { readOnly: true });
  onTestFinished(() => read.close());
  expect(read.prepare('SELECT n FROM seen').all()).toEqual([{ n: 1 }]);
  expect(db.prepare('SELECT count(*) AS n FROM seen').get()).toEqual({ n: 2 });
});

test('its promises: every commit synced, what is erased overwritten', () => {
  const db = openDatabase(folder());
  onTestFinished(() => db.close());
  const pragma = (name: string) => Object.values(db.prepare(`PRAGMA main.${name}`).get() ?? {})[0];
  expect([pragma('journal_mode'), pragma('synchronous'), pragma('secure_delete')]).toEqual(['wal', 2, 1]);
});

test('what was deleted is in no file of the folder, the log included', () => {
  const home = folder();
  const db = openDatabase(home);
  onTestFinished(() => db.close());
  const marker = Buffer.from('Telltale faceprint');
  db.prepare('INSERT INTO face_id VALUES (?, ?, ?, ?)').run(
    'a',
    Buffer.concat([marker, Buffer.alloc(9000)]),
    'm',
    1,
  );
  const files = () =>
    readdirSync(home).filter((name) => readFileSync(path.join(home, name)).includes(marker));
  expect(files()).toEqual(['engine.db-wal']);
  db.exec('DELETE FROM face_id');
  expect(emptyLog(db)).toBe(true);
  expect(files()).toEqual([]);
});
