import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { Cleanup } from '../../../bench/scale/cleanup.ts';
import {
  describeServer,
  inSentences,
  makeDatabase,
  ServerError,
  turnOnSnapshots,
} from '../../../bench/scale/server.ts';
import type { Database } from '../../../src/database/database.ts';
import { render, type Sql } from '../../../src/database/sql.ts';
import { OutageError } from '../../../src/domain/errors.ts';
import { SettingsError } from '../../../src/domain/settings.ts';
import { ownDatabase } from '../../support/own-database.ts';

const SECRET = 'Server=db.example;Database=master;User Id=ada;Password=s3cret';
const driverError = (name: string, about: object, message = 'at db.example for ada: s3cret') =>
  Object.assign(new Error(message), { name, ...about });

/** A server that keeps what it is told, and refuses what fits a pattern. */
function played(refused?: RegExp, error: Error = driverError('RequestError', { number: 5064 })) {
  const told: string[] = [];
  const run = async (connectionString: string, statements: readonly string[]) => {
    expect(connectionString).toBe(SECRET);
    for (const [at, statement] of statements.entries()) {
      told.push(statement.replaceAll(/[0-9a-f]{32}/g, '*'));
      if (refused?.test(statement) && at + 1 === statements.length) throw error;
    }
  };
  const make: typeof ownDatabase = (server, options) => ownDatabase(server, { ...options, run });
  return { told, make };
}

const MADE = 'CREATE DATABASE [imaginem_bench_*]';
const EMPTIED = 'ALTER DATABASE [imaginem_bench_*] SET SINGLE_USER WITH ROLLBACK IMMEDIATE';
const DROPPED = 'DROP DATABASE [imaginem_bench_*]';

test('a database of its own is made on the server, named to whoever works in it, and dropped once', async () => {
  const { told, make } = played();
  const words: string[] = [];
  const cleanup = new Cleanup((one) => words.push(one));
  const first = await makeDatabase(SECRET, cleanup, make);
  await makeDatabase(SECRET, cleanup, make);
  expect(first.place).toEqual({
    connectionString: `Server=db.example;User Id=ada;Password=s3cret;Database=${first.name}`,
  });
  await first.drop();
  await cleanup.run();
  await cleanup.run();
  expect(told).toEqual([MADE, MADE, EMPTIED, DROPPED, EMPTIED, DROPPED]);
  expect(words).toEqual([]);
});

test('a database that the server does not drop is told of by name', async () => {
  const words: string[] = [];
  const busy = played(/^DROP/, driverError('RequestError', { number: 3702 }, 'it is in use'));
  const other = new Cleanup((one) => words.push(one));
  const made = await makeDatabase(SECRET, other, busy.make);
  await other.run();
  expect(words).toEqual([
    `The database ${made.name} stays behind: The server refused a statement (error 3702): it is in use`,
  ]);
});

test.each([
  [driverError('ConnectionError', { code: 'ESOCKET' }), /cannot be reached or is busy \(ESOCKET\)/],
  [driverError('ConnectionError', { code: 'ELOGIN', number: 18456 }), /TEST_SQL_CONNECTION_STRING.*18456/],
  [driverError('RequestError', { number: 262 }), /may not make a database \(error 262\).*dbcreator/],
  [driverError('RequestError', { originalError: { number: 262 } }), /may not make a database/],
  [driverError('ConnectionError', { code: 'EUNKNOWN' }), /connection to the server failed \(EUNKNOWN\)/],
  [
    new SettingsError('App setting SQL_CONNECTION_STRING: names no server.'),
    /^TEST_SQL_CONNECTION_STRING: names no server\.$/,
  ],
  [new OutageError('look at SQL_CONNECTION_STRING'), /^look at TEST_SQL_CONNECTION_STRING$/],
])('what the server refuses is a sentence without its secrets', async (error, sentence) => {
  const cleanup = new Cleanup(() => {});
  const { make } = played(/^CREATE/, error);
  const thrown = await makeDatabase(SECRET, cleanup, make).catch((caught: unknown) => caught);
  expect(thrown).toBeInstanceOf(ServerError);
  expect((thrown as Error).message).toMatch(sentence);
  expect(`${(thrown as Error).stack}${JSON.stringify(thrown)}`).not.toMatch(/s3cret|db\.example|\bada\b/);
  expect((thrown as Error).cause).toBeUndefined();
});

test('a fault of this program is no sentence about the server', async () => {
  const fault = new TypeError('x is not a function');
  await expect(inSentences(() => Promise.reject(fault))).rejects.toBe(fault);
  const cleanup = new Cleanup(() => {});
  await expect(makeDatabase('', cleanup)).rejects.toThrow('TEST_SQL_CONNECTION_STRING names no server.');
});

test('what the server says of itself is noted, and what it does not know keeps nobody', async () => {
  const answering = (answer: (text: string) => object[]): Database =>
    ({
      read: async ([statement]: readonly Sql[]) => [answer(render(statement as Sql, () => '?'))],
    }) as unknown as Database;
  const known = answering((text) => [
    { answer: /Edition/.test(text) ? 'Developer' : /Version/.test(text) ? '16.0' : 1 },
  ]);
  expect(await describeServer(known)).toBe('Server: 16.0, Developer. READ_COMMITTED_SNAPSHOT is on.');
  const silent = answering(() => {
    throw new Error('unknown');
  });
  await turnOnSnapshots(silent);
  expect(await describeServer(silent)).toBe(
    'Server: it does not say which version. READ_COMMITTED_SNAPSHOT is not known.',
  );
});

test('Ctrl-C undoes what was made, what was made last first, and then ends', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cleanup-'));
  const module = fileURLToPath(new URL('../../../bench/scale/cleanup.ts', import.meta.url));
  const script = join(folder, 'script.ts');
  writeFileSync(
    script,
    `import { Cleanup } from ${JSON.stringify(module)};
    import { rmSync, writeFileSync } from 'node:fs';
    const cleanup = new Cleanup((words) => console.log(words));
    cleanup.onSignals();
    writeFileSync(${JSON.stringify(join(folder, 'made'))}, '');
    cleanup.add('first', () => { console.log('first'); rmSync(${JSON.stringify(join(folder, 'made'))}); });
    cleanup.add('second', async () => { await null; throw new Error('it is in use'); });
    cleanup.add('third', () => {}).forget();
    setInterval(() => {}, 1000);
    console.log('ready');`,
  );
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  let words = '';
  child.stdout.setEncoding('utf8').on('data', (some: string) => {
    words += some;
    if (words === 'ready\n') child.kill('SIGINT');
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(130);
  expect(words.split('\n')).toEqual([
    ...['ready', 'stopped: what was made is removed; once more ends at once'],
    ...['second stays behind: it is in use', 'first', ''],
  ]);
  expect(existsSync(join(folder, 'made'))).toBe(false);
});
