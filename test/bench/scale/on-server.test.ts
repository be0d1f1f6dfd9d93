import { expect, test } from 'vitest';
import { render } from '../../../bench/report.ts';
import { Cleanup } from '../../../bench/scale/cleanup.ts';
import { madeIds } from '../../../bench/scale/filled.ts';
import { saveInLanes } from '../../../bench/scale/lane.ts';
import { type Means, makeDatabases, measureServer } from '../../../bench/scale/on-server.ts';
import type { Place } from '../../../bench/scale/place.ts';
import { ServerError } from '../../../bench/scale/server.ts';
import { SqlServerDatabase } from '../../../src/database/sqlserver.ts';
import { serverError, TsqlOnSqlite } from '../../results/tsql-on-sqlite.ts';
import { ownDatabase } from '../../support/own-database.ts';

const SECRET = 'Server=db.example;User Id=ada;Password=s3cret';

/** A server whose databases are played, each by one of its own. */
function playedServer() {
  const databases = new Map<string, TsqlOnSqlite>();
  const told: string[] = [];
  const run = async (_connectionString: string, statements: readonly string[]) => {
    told.push(...statements);
    const [, verb, name = ''] = /^(CREATE|DROP) DATABASE \[(\w+)\]/.exec(statements.at(-1) ?? '') ?? [];
    if (verb === 'CREATE') databases.set(name, new TsqlOnSqlite());
    if (verb !== 'DROP') return;
    databases.get(name)?.close();
    databases.delete(name);
  };
  const playedAt = (place: Place): TsqlOnSqlite => {
    const name = /Database=(\w+)$/.exec('file' in place ? '' : place.connectionString)?.[1] ?? '';
    const played = databases.get(name);
    if (!played) throw serverError(4060);
    return played;
  };
  const open = async (place: Place) =>
    new SqlServerDatabase(playedAt(place).driver(), { server: 'played' }, { attempts: 2, retryBaseMs: 1 });
  const means: Means = {
    make: (server, options) => ownDatabase(server, { ...options, run }),
    open,
    async run(place, share) {
      const database = await open(place);
      return saveInLanes(database, { ...share, saves: Math.min(share.saves, 16) }, (words) => {
        throw new Error(words);
      });
    },
  };
  return { databases, told, means };
}

const ids = { few: madeIds(150).ids, many: madeIds(180).ids };

test('every operation, saves at once and the aims of both stand in one report, and nothing stays behind', async () => {
  const { databases, told, means } = playedServer();
  const words: string[] = [];
  const say = (one: string) => words.push(one);
  const cleanup = new Cleanup(say);
  const made = await makeDatabases(SECRET, { withLanes: true }, cleanup, say, means);
  expect(databases.size).toBe(3);
  const report = await measureServer(made, ids, { turns: 1 }, means, say);
  expect(databases.size).toBe(0);
  expect(told.filter((statement) => statement.startsWith('DROP'))).toHaveLength(3);
  await cleanup.run();
  expect(told).toHaveLength(9);

  expect(report.part).toBe('results on a SQL Server, with 150 and 180 images');
  expect(report.notes.filter((note) => / failed: /.test(note))).toEqual([]);
  const [operations, lanes] = report.tables;
  expect(operations?.rows.map(([name]) => name)).toEqual(
    expect.arrayContaining([
      ...['save, like no other', 'save with one pair', 'totals', 'review, first page'],
      ...['erase 20 images from the results', 'recount of everything', 'export of everything'],
    ]),
  );
  for (const [name, ...figures] of operations?.rows ?? [])
    expect(figures.slice(0, 4).every(Number.isFinite), String(name)).toBe(true);
  expect(lanes?.rows.map(([name]) => name)).toEqual([
    'one process with one lane',
    'two processes with eight lanes',
  ]);
  const lost = report.aims.filter(({ text }) => /eight lanes: (?!throughput)/.test(text));
  expect(lost.map(({ measured }) => measured)).toEqual([0, 0, 0, 0]);
  expect(report.aims.map(({ text }) => text)).toContain(
    'two processes with eight lanes: throughput, over one process with one lane',
  );
  expect(`${render(report)}${words.join('\n')}`).not.toMatch(/s3cret|db\.example|\bada\b/);
});

test('a server that fails half way is a sentence, and what was made goes', async () => {
  const { databases, means } = playedServer();
  const cleanup = new Cleanup(() => {});
  const made = await makeDatabases(SECRET, { withLanes: false }, cleanup, () => {}, means);
  expect(databases.size).toBe(2);
  for (const [at, played] of [...databases.values()].entries())
    if (at === 1)
      played.fail = (event, count) => (event === 'request' && count > 150 ? serverError(1105) : undefined);
  const thrown = await measureServer(made, ids, { turns: 1 }, means, () => {}).catch(
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(ServerError);
  expect((thrown as Error).message).toMatch(/1105/);
  await cleanup.run();
  expect(databases.size).toBe(0);
});
