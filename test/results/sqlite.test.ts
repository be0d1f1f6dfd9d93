import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import { OutageError, PermanentError } from '../../src/domain/errors.ts';
import { readSettings } from '../../src/domain/settings.ts';
import { openResultStore } from '../../src/results/open.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { resultStoreConformance } from './conformance.ts';
import { image, matching } from './fixtures.ts';

resultStoreConformance('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'results-'));
  const path = join(folder, 'new', 'results.db');
  return {
    env: { SQLITE_PATH: path },
    open: () => openResultStore(readSettings({ SQLITE_PATH: path })),
    administer: async (sql) => {
      const database = new DatabaseSync(path);
      database.exec(sql);
      database.close();
    },
    clear: () => rm(folder, { recursive: true, force: true }),
  };
});

describe('SQLite itself', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'results-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('a file locked by another process for too long is an outage, and the next save works', async () => {
    const path = join(folder, 'results.db');
    const store = new SqlResultStore(await SqliteDatabase.open(path, { busyTimeoutMs: 50 }));
    await store.migrate();
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    await expect(store.save(image('a'))).rejects.toThrow(OutageError);
    expect(await store.list()).toEqual([]);
    other.exec('ROLLBACK');
    other.close();
    expect(await store.save(image('a'))).toBe('saved');
    await store.close();
  });

  test('pairs that another model than the one in use has found are not kept, and the image is to be compared anew', {
    timeout: 20_000,
  }, async () => {
    const store = await openResultStore(readSettings({ SQLITE_PATH: join(folder, 'results.db') }));
    await store.migrate();
    for (const id of ['a', 'b']) await store.save(matching(id, []));
    expect(await store.save(matching('b', ['a'], { run: 1, model: 'another' }))).toBe('saved');
    expect(await store.query('SELECT * FROM face_match')).toEqual([]);
    expect(await store.query('SELECT image_id FROM model_todo')).toEqual([{ image_id: 'b' }]);
    await store.close();
  });

  test('a new file that another process is writing into is opened when that has ended', async () => {
    const path = join(folder, 'results.db');
    const other = new DatabaseSync(path);
    other.exec('PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; CREATE TABLE t (a INTEGER)');
    const opening = SqliteDatabase.open(path);
    // Opening gives up within its first turn where it does not wait for the other's transaction.
    await Promise.race([opening.catch(() => {}), nextTurn()]);
    other.exec('ROLLBACK');
    other.close();
    await (await opening).close();
  });

  test('what an erasure has removed is in none of the raw files, running and stopped', async () => {
    const path = join(folder, 'results.db');
    const marker = 'MARKERofaperson';
    const store = new SqlResultStore(await SqliteDatabase.open(path));
    await store.migrate();
    const raw = async () => {
      const names = (await readdir(folder)).filter((name) => name.startsWith('results.db'));
      const contents = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')));
      return names.filter((_, index) => contents[index]?.includes(marker));
    };
    const ids = Array.from({ length: 20 }, (_, n) => `image-${n}`);
    for (const id of ids) {
      const jobOutput = { ocr: { OCR_fullText: `${marker} ${'x'.repeat(9000)}` } };
      await store.save(image(id, { batchId: `${marker}-batch`, text: `${marker} text`, jobOutput }));
    }
    expect(await raw()).not.toEqual([]);
    await store.erasures.remove(ids, new AbortController().signal);
    expect(await raw()).toEqual([]);
    await store.close();
    expect(await raw()).toEqual([]);
  });

  test('where another program keeps reading, an erasure waits and says so', async () => {
    const path = join(folder, 'results.db');
    const store = new SqlResultStore(await SqliteDatabase.open(path, { busyTimeoutMs: 50 }));
    await store.migrate();
    const reader = new DatabaseSync(path, { readOnly: true });
    reader.exec('BEGIN; SELECT * FROM pipeline_output');
    await store.save(image('a'));
    const signal = new AbortController().signal;
    await expect(store.erasures.remove(['a'], signal)).rejects.toThrow(OutageError);
    reader.exec('COMMIT');
    reader.close();
    await store.erasures.remove(['a'], signal);
    await store.close();
  });

  test('a path that cannot be opened is an outage that names the setting', async () => {
    await expect(SqliteDatabase.open(folder)).rejects.toThrow(/SQLITE_PATH/);
    await expect(SqliteDatabase.open(folder)).rejects.toThrow(OutageError);
  });

  test('the engine itself refuses to write on the connection that queries use', async () => {
    const database = await SqliteDatabase.open(join(folder, 'results.db'));
    await expect(database.query('CREATE TABLE t (a INTEGER)')).rejects.toThrow(/readonly|SQLITE_READONLY/);
    await database.close();
  });

  test('a transaction whose work fails leaves nothing and blocks nobody', async () => {
    const store = new SqlResultStore(await SqliteDatabase.open(join(folder, 'results.db')));
    await store.migrate();
    const faces = [0, 1].map(() => ({
      key: 'same',
      rectangle: { left: 0, top: 0, width: 1, height: 1 },
      enrolled: true,
    }));
    await expect(store.save(image('a', { faces }))).rejects.toThrow(PermanentError);
    await store.save(image('a', { faces: faces.slice(0, 1) }));
    await expect(store.save(image('b', { faces: faces.slice(0, 1) }))).rejects.toThrow(/constraint/);
    expect(await store.get('b')).toBeUndefined();
    expect(await store.save(image('b'))).toBe('saved');
    expect(await store.counts.batch('batch')).toMatchObject({ images: 2, faces: 1 });
    await store.close();
  });
});
