import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Cleanup } from '../../../bench/scale/cleanup.ts';
import { saveInLanes } from '../../../bench/scale/lane.ts';
import { aimsOf, inProcess, type Lanes, measureLanes, saveAtOnce } from '../../../bench/scale/lanes.ts';
import type { Place } from '../../../bench/scale/place.ts';
import { countingTries } from '../../../bench/scale/tries.ts';
import { raw } from '../../../src/database/sql.ts';
import { SqliteDatabase } from '../../../src/database/sqlite.ts';
import { SqlServerDatabase } from '../../../src/database/sqlserver.ts';
import { OutageError } from '../../../src/domain/errors.ts';
import { SqlResultStore } from '../../../src/results/sql-result-store.ts';
import { serverError, TsqlOnSqlite } from '../../results/tsql-on-sqlite.ts';

const nothingLost = { refused: 0, wrongCounts: 0, uncounted: 0, halfPairs: 0 };

test('processes of their own save into a file, one lane first where that is asked for, and lose nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lanes-'));
  const words: string[] = [];
  const place = { file: join(folder, 'lanes.db') };
  const run = inProcess(new Cleanup(() => {}));
  const measured = await measureLanes(place, { alone: true, saves: 4 }, run, (one) => words.push(one));
  expect(measured).toMatchObject([
    { processes: 1, lanes: 1, ...nothingLost },
    { processes: 2, lanes: 8, ...nothingLost },
  ]);
  for (const { throughput, p95 } of measured) expect(Math.min(throughput, p95)).toBeGreaterThan(0);
  expect(words[2]).toBe('two processes with eight lanes: 8 images');
  await rm(folder, { recursive: true, force: true });
});

test('what was lost is found, and a process that dies is not waited for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lanes-'));
  const place = { file: join(folder, 'lanes.db') };
  const store = new SqlResultStore(await SqliteDatabase.open(place.file));
  await store.migrate();
  const { database } = store;
  const damaged = await saveAtOnce(
    place,
    { processes: 2, lanes: 2, saves: 8, from: 0 },
    async (_place, share) => {
      const done = await saveInLanes(database, share, () => {});
      await store.counts.fold();
      await database.write((session) =>
        session.run([
          raw('UPDATE tag_count SET images = images + 1 WHERE name = (SELECT MIN(name) FROM tag_count)'),
          raw('UPDATE face_match SET reported_by_a = 0'),
        ]),
      );
      return done;
    },
  );
  expect(damaged.wrongCounts).toBeGreaterThan(0);
  expect(damaged.halfPairs).toBe(4);
  await store.close();
  const cleanup = new Cleanup(() => {});
  const dying = inProcess(cleanup)(place, { own: 0, of: 1, lanes: 1, saves: 10_000, from: 100 });
  await cleanup.run();
  await expect(dying).rejects.toThrow('A process that saves ended before it was done');
  await rm(folder, { recursive: true, force: true });
});

test('on a server that is played, two who save at once lose nothing, and what is tried again is counted', async () => {
  const server = new TsqlOnSqlite();
  const open = async () =>
    new SqlServerDatabase(server.driver(), { server: 'played' }, { retryBaseMs: 1, attempts: 3 });
  await new SqlResultStore(await open()).migrate();
  let requests = 0;
  server.fail = (event) => {
    if (event !== 'request') return undefined;
    requests += 1;
    return requests % 40 === 0 ? serverError(1205) : undefined;
  };
  const place: Place = { connectionString: 'played' };
  const hosts = { processes: 2, lanes: 8, saves: 40, from: 0 };
  const lanes = await saveAtOnce(
    place,
    hosts,
    async (_place, share) => saveInLanes(await open(), share, (words) => expect(words).toBe('')),
    open,
  );
  expect(lanes).toMatchObject(nothingLost);
  expect(lanes.contention).toBeGreaterThan(1);
  expect(lanes.again).toBe(lanes.contention);
  server.close();
});

test('what is refused for good is counted, and the rest is saved', async () => {
  const server = new TsqlOnSqlite();
  const database = new SqlServerDatabase(
    server.driver(),
    { server: 'played' },
    { retryBaseMs: 0, attempts: 2 },
  );
  await new SqlResultStore(database).migrate();
  const { database: counted, tries } = countingTries(database);
  server.fail = () => serverError(1205);
  await expect(counted.write((session) => session.read([raw('SELECT 1 AS one')]))).rejects.toThrow(
    OutageError,
  );
  // A transaction that cannot even begin has not begun its work.
  expect(tries).toEqual({ again: 0, contention: 0 });
  const words: string[] = [];
  let saves = 0;
  server.fail = (event) => {
    if (event === 'begin') saves += 1;
    return event === 'request' && saves <= 2 ? serverError(1205) : undefined;
  };
  const share = { own: 0, of: 1, lanes: 1, saves: 3, from: 0 };
  const done = await saveInLanes(database, share, (one) => words.push(one));
  expect(done).toMatchObject({ saved: 2, refused: 1, again: 1, contention: 2 });
  expect(done.took).toHaveLength(2);
  expect(words).toHaveLength(1);
  server.close();
});

test('more at once than one after the other is aimed at where both were measured', () => {
  const one: Lanes = {
    ...{ processes: 1, lanes: 1, throughput: 30, p95: 40, again: 0, contention: 0 },
    ...nothingLost,
  };
  const both: Lanes = { ...one, processes: 2, lanes: 8, throughput: 75, refused: 1, halfPairs: 2 };
  expect(aimsOf([both]).map(({ measured }) => measured)).toEqual([0, 1, 0, 2]);
  expect(aimsOf([one, both]).at(-1)).toEqual({
    text: 'two processes with eight lanes: throughput, over one process with one lane',
    ...{ measured: 2.5, limit: 3, sense: 'at least', unit: 'x' },
  });
});
