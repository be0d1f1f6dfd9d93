import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import { OutageError } from '../../src/domain/errors.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { image } from '../results/fixtures.ts';
import { inDatabase, inTurn, lockResults, ownDatabase } from './own-database.ts';

test.for([
  ['Server=host;Database=shared;User Id=sa;Password=x', 'Server=host;User Id=sa;Password=x;Database=mine'],
  ['Server=host; Initial Catalog = shared;Encrypt=true;', 'Server=host;Encrypt=true;Database=mine'],
  ['Server=host;Password=Database', 'Server=host;Password=Database;Database=mine'],
])('a world has a database of its own on the server: %s', ([given, expected]) => {
  expect(inDatabase(given as string, 'mine')).toBe(expected);
});

test('a server that knows no single user drops a database all the same, and one that does not drop it says so', async () => {
  const told: string[] = [];
  const refusing = (refused: string) => async (statement: string) => {
    told.push(statement);
    if (statement.startsWith(refused)) throw new Error(`${refused} is refused`);
  };
  const own = (refused: string) =>
    ownDatabase('Server=host', { run: (_server, statements) => inTurn(statements, refusing(refused)) });
  await (await own('ALTER'))?.drop();
  expect(told.map((statement) => statement.replace(/imaginem_test_[0-9a-f]{32}/, '*'))).toEqual([
    ...[
      'CREATE DATABASE [*]',
      'ALTER DATABASE [*] SET SINGLE_USER WITH ROLLBACK IMMEDIATE',
      'DROP DATABASE [*]',
    ],
  ]);
  await expect((await own('DROP'))?.drop()).rejects.toThrow('DROP is refused');
  await expect(own('CREATE')).rejects.toThrow('CREATE is refused');
});

test('without a server there is none, and what is locked is the file that is used', async () => {
  expect(await ownDatabase('')).toBeUndefined();
  const folder = await mkdtemp(join(tmpdir(), 'locked-'));
  const path = join(folder, 'results.db');
  const store = new SqlResultStore(await SqliteDatabase.open(path, { busyTimeoutMs: 50 }));
  await store.migrate();
  const unlock = await lockResults({ SQLITE_PATH: path });
  await expect(store.save(image('a'))).rejects.toThrow(OutageError);
  await unlock();
  expect(await store.save(image('a'))).toBe('saved');
  await store.close();
  await rm(folder, { recursive: true, force: true });
});
