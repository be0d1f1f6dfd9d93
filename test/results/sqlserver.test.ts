import sqlserver from 'mssql';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { raw, sql, text } from '../../src/database/sql.ts';
import { SqlServerDatabase, sqlServerDialect } from '../../src/database/sqlserver.ts';
import { sqlServerConfig } from '../../src/database/sqlserver-config.ts';
import { OutageError } from '../../src/domain/errors.ts';
import { readSettings } from '../../src/domain/settings.ts';
import { openResultStore } from '../../src/results/open.ts';
import { migrations } from '../../src/results/schema.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { RESULT_TABLES } from '../../src/results/tables.ts';
import { calibrationConformance } from '../people/calibration/ledger-conformance.ts';
import { measuringConformance } from '../people/calibration/measuring-conformance.ts';
import { exchangeConformance } from '../people/pfif/exchange-conformance.ts';
import { type OwnDatabase, ownDatabase } from '../support/own-database.ts';
import { resultStoreConformance } from './conformance.ts';
import { face, image, match, matching } from './fixtures.ts';
import type { Subject } from './subject.ts';
import { serverError, TsqlOnSqlite } from './tsql-on-sqlite.ts';
import { RESERVED } from './tsql-rules.ts';

const connectionString = process.env.TEST_SQL_CONNECTION_STRING;
if (connectionString === undefined || connectionString === '') {
  console.log('TEST_SQL_CONNECTION_STRING is not set: the result store is not tested on a SQL Server.');
} else {
  // One for all of them, emptied before each: other test files use the same server meanwhile.
  let own: OwnDatabase | undefined;
  afterAll(() => own?.drop());
  const prepare = async (): Promise<Subject> => {
    own ??= await ownDatabase(connectionString);
    if (own === undefined) throw new Error('TEST_SQL_CONNECTION_STRING names no server.');
    const env = { SQL_CONNECTION_STRING: own.connectionString };
    const settings = readSettings(env);
    const config = await sqlServerConfig(settings, (text) =>
      sqlserver.ConnectionPool.parseConnectionString(text),
    );
    const administer = async (...statements: string[]) => {
      const database = new SqlServerDatabase(sqlserver, config);
      await database.write((session) => session.run(statements.map(raw)));
      await database.close();
    };
    const clear = () =>
      administer(
        ...RESULT_TABLES.map(({ name }) => `IF OBJECT_ID(N'${name}', N'U') IS NOT NULL DROP TABLE ${name}`),
      );
    await clear();
    return { env, open: () => openResultStore(settings), administer, clear };
  };
  resultStoreConformance('SQL Server', prepare);
  calibrationConformance('SQL Server', prepare);
  measuringConformance('SQL Server', prepare);
  exchangeConformance('SQL Server', prepare);
}

const quick = { attempts: 5, retryBaseMs: 1 };

resultStoreConformance("SQL Server's statements, played by SQLite in this process", async () => {
  const server = new TsqlOnSqlite();
  return {
    open: async () => new SqlResultStore(new SqlServerDatabase(server.driver(), { server: 'played' }, quick)),
    administer: async (sql) => server.administer(sql),
    clear: async () => server.close(),
  };
});

describe('what SQL Server is sent', () => {
  let server: TsqlOnSqlite;
  let store: SqlResultStore;
  beforeEach(async () => {
    server = new TsqlOnSqlite();
    store = new SqlResultStore(new SqlServerDatabase(server.driver(), { server: 'played' }, quick));
  });
  afterEach(async () => {
    await store.close();
    server.close();
  });

  const rich = (id: string) =>
    image(id, {
      tags: Array.from({ length: 20 }, (_, tag) => ({ name: `tag${tag}`, confidence: tag % 2 })),
      text: Array.from({ length: 50 }, (_, word) => `word${word}`).join(' '),
      faces: Array.from({ length: 5 }, (_, key) => face(`${id}-${key}`)),
      matches: [match(id, 'other', 0.9)],
    });

  test('only portable T-SQL, with every value a parameter and every parameter bound and used', async () => {
    await store.migrate();
    await store.save(rich('secret-id'));
    await store.save(matching('other', ['secret-id'], { run: 2 }));
    await store.list({
      batchId: 'secret-batch',
      status: 'done',
      tag: 'secret-tag',
      text: 'secretword secretpre*',
      after: { finishedAt: '2026-01-01T00:00:00Z', id: 'secret' },
    });
    await store.get('secret-id');
    await store.batches();
    await store.removeFaces('secret-id');
    expect(server.sent.length).toBeGreaterThan(20);
    for (const { text, parameters } of server.sent) {
      expect(text).not.toMatch(
        /\b(?:MERGE|CREATE OR ALTER|sp_prepare|sp_prepexec|sp_execute|sp_getapplock|OPENJSON|JSON_VALUE|HOLDLOCK|UPDLOCK|NOLOCK|WITH \(|LIMIT|RETURNING|ON CONFLICT|IF NOT EXISTS|WITHOUT ROWID|STRING_AGG|TRIM|GREATEST)\b/i,
      );
      expect(text).not.toMatch(/secret/i);
      expect([...new Set(text.match(/@p\d+/g) ?? [])].map((name) => name.slice(1)).sort()).toEqual(
        Object.keys(parameters).sort(),
      );
    }
  });

  test('an image with 20 tags, 50 words and 5 faces is four requests, five with a new pair, six again', async () => {
    await store.migrate();
    const requests = async (save: () => Promise<unknown>) => {
      server.events.length = 0;
      await save();
      const { length } = server.events;
      expect(server.events).toEqual([
        'begin',
        ...Array.from({ length: length - 2 }, () => 'request'),
        'commit',
      ]);
      return length - 2;
    };
    expect(await requests(() => store.save({ ...rich('a'), matches: [] }))).toBe(4);
    expect(await requests(() => store.save({ ...rich('b'), matches: [] }))).toBe(4);
    // A pair that is new is asked for first, and one more request inserts it.
    expect(await requests(() => store.save(rich('c')))).toBe(5);
    // Again: what the counts and the pairs hold of it is read before.
    expect(await requests(() => store.save(rich('c')))).toBe(6);
    // No more after a switch of models, for what the model now in use has compared.
    server.administer("UPDATE recognition SET active_model = 'imaginem_02'");
    expect(await requests(() => store.save({ ...rich('d'), model: 'imaginem_02' }))).toBe(5);
  });

  test('ten thousand words go in statements within the limits of rows and parameters', async () => {
    await store.migrate();
    const text = Array.from({ length: 12_000 }, (_, word) => `w${word}`).join(' ');
    await store.save(image('a', { text }));
    expect(await store.query('SELECT COUNT(*) AS n FROM image_word')).toEqual([{ n: 10_000 }]);
  });

  test.for([1205, 2601, 2627, 40613, 40501, 49920])(
    'a transaction that fails with %i runs again as a whole',
    async (number) => {
      await store.migrate();
      server.events.length = 0;
      server.fail = (event, count) => (event === 'request' && count === 3 ? serverError(number) : undefined);
      expect(await store.save(rich('a'))).toBe('saved');
      expect(server.events.filter((event) => event !== 'request')).toEqual([
        'begin',
        'rollback',
        'begin',
        'commit',
      ]);
      expect(await store.list()).toHaveLength(1);
    },
  );

  test.for([
    ['a lost connection', Object.assign(new Error('x'), { code: 'ESOCKET' })],
    ['a time-out', Object.assign(new Error('x'), { code: 'ETIMEOUT' })],
    ['a pool without a free connection', Object.assign(new Error('x'), { name: 'TimeoutError' })],
    ['a paused database', serverError(40613)],
    ['deadlock after deadlock', serverError(1205)],
    ['a refused login', Object.assign(new Error("Login failed for user 'ada'."), { code: 'ELOGIN' })],
  ] as const)("%s that lasts is an outage, told without the server's words", async ([, error]) => {
    await store.migrate();
    server.fail = (event) => (event === 'request' ? error : undefined);
    const thrown = await store.save(image('a')).catch((caught: unknown) => caught);
    expect(thrown).toBeInstanceOf(OutageError);
    expect((thrown as OutageError).message).not.toMatch(/ada/);
    server.fail = () => undefined;
    expect(await store.save(image('a'))).toBe('saved');
  });

  test.for([
    ['request', 60_000, 1],
    ['connect', 15_000, 2],
  ] as const)(
    'a silent server is not waited for again and again: %s, %i ms each, %i in all',
    async ([event, silenceMs, most]) => {
      let now = 0;
      const driver = server.driver();
      const patient = new SqlResultStore(
        new SqlServerDatabase(driver, { server: 'played' }, { ...quick, clock: () => now }),
      );
      let calls = 0;
      server.fail = (one) => {
        if (one !== event) return undefined;
        calls += 1;
        now += silenceMs;
        return Object.assign(new Error('x'), { code: 'ETIMEOUT' });
      };
      await expect(patient.list()).rejects.toThrow(OutageError);
      expect(calls).toBe(most);
    },
  );

  test.for([1205, 2627])('a long transaction that fails with %i runs again all the same', async (number) => {
    await store.migrate();
    let now = 0;
    const options = { ...quick, clock: () => now };
    const slow = new SqlResultStore(new SqlServerDatabase(server.driver(), { server: 'played' }, options));
    server.fail = (event, count) => {
      if (event === 'begin') now += 30_000;
      return event === 'commit' && count === 2 ? serverError(number) : undefined;
    };
    expect(await slow.save(image('a'))).toBe('saved');
  });

  test('a connection that fails at first is made anew', async () => {
    server.fail = (event, count) =>
      event === 'connect' && count < 3 ? Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) : undefined;
    await store.migrate();
    expect(server.connections).toBe(1);
  });

  test('a commit whose answer is lost is run again and changes nothing more', async () => {
    await store.migrate();
    server.events.length = 0;
    server.fail = (event, count) =>
      event === 'commit' && count === 1 ? Object.assign(new Error('x'), { code: 'ECONNRESET' }) : undefined;
    expect(await store.save(matching('a', ['b']))).toBe('saved');
    expect(await store.query('SELECT face_a FROM face_match')).toHaveLength(1);
  });

  test('a duplicate key that others insert again and again is contention: the message waits for them', async () => {
    await store.migrate();
    server.fail = (event) => (event === 'request' ? serverError(2627) : undefined);
    const thrown = await store.save(image('a')).catch((caught: unknown) => caught);
    expect(thrown).toBeInstanceOf(OutageError);
    expect((thrown as OutageError).message).toMatch(/2627/);
    server.fail = () => undefined;
    expect(await store.list()).toEqual([]);
    expect(await store.save(image('a'))).toBe('saved');
  });

  test('a wrong statement is not tried again', async () => {
    await store.migrate();
    server.events.length = 0;
    server.fail = (event) => (event === 'request' ? serverError(207, 'Invalid column name') : undefined);
    await expect(store.list()).rejects.toThrow(/Invalid column name/);
    expect(server.events).toEqual(['request']);
  });

  test('a query runs in a transaction that is always rolled back', async () => {
    await store.migrate();
    server.events.length = 0;
    await store.query('SELECT 1 AS one');
    await expect(store.query('SELECT nonsense')).rejects.toThrow(Error);
    expect(server.events).toEqual(['begin', 'request', 'rollback', 'begin', 'request', 'rollback']);
  });
});

const DDL = migrations.flatMap(({ statements }) => statements(sqlServerDialect));
const COLUMN = /(?:\(|,|\bADD)\s+(\w+|\[\w+\]) (nvarchar\((?:\d+|max)\)|int|bigint|float)(?!\w)/g;
/** Columns of each table, with the most bytes that each holds. */
const columns = new Map<string, number>();
for (const statement of DDL) {
  const [, table = ''] = /^(?:CREATE|ALTER) TABLE (\w+)/.exec(statement) ?? [];
  for (const [, name = '', type = ''] of table === '' ? [] : statement.matchAll(COLUMN)) {
    const [, length] = /\((\d+)\)/.exec(type) ?? [];
    columns.set(
      `${table}.${name.replaceAll(/[[\]]/g, '')}`,
      type === 'nvarchar(max)' ? Number.POSITIVE_INFINITY : length === undefined ? 8 : 2 * Number(length),
    );
  }
}

test('every key of the schema fits the bytes that SQL Server allows: 900 clustered, 1,700 otherwise', () => {
  const keys: { table: string; columns: string; limit: number }[] = [];
  for (const statement of DDL) {
    const [, table = ''] = /^CREATE TABLE (\w+)/.exec(statement) ?? [];
    for (const [, kind = '', columns = ''] of statement.matchAll(/PRIMARY KEY( NONCLUSTERED)? \(([^)]+)\)/g))
      keys.push({ table, columns, limit: kind === undefined || kind === '' ? 900 : 1700 });
    for (const [, column = ''] of statement.matchAll(
      /(\w+) \S+(?: COLLATE \w+)? NOT NULL CONSTRAINT \w+ PRIMARY KEY/g,
    ))
      keys.push({ table, columns: column, limit: 900 });
    const [, on = '', indexed = ''] =
      /^CREATE (?:UNIQUE )?INDEX \w+ ON (\w+) \(([^)]+)\)/.exec(statement) ?? [];
    if (on !== '') keys.push({ table: on, columns: indexed, limit: 1700 });
  }
  expect(keys.length).toBeGreaterThan(100);
  for (const { table, columns: named, limit } of keys) {
    // Of a column that is not there NaN is left, and is in no limit.
    const bytes = named.split(', ').map((column) => columns.get(`${table}.${column}`) ?? Number.NaN);
    expect(
      bytes.reduce((sum, one) => sum + one),
      `${table} (${named})`,
    ).toBeLessThanOrEqual(limit);
  }
});

test('no name of the schema is a reserved word, and constraints and triggers have names of their own', () => {
  expect(columns.size).toBeGreaterThan(300);
  for (const column of columns.keys())
    expect(RESERVED.has(column.replace(/^.*\./, '').toUpperCase()), column).toBe(false);
  const names = DDL.flatMap((statement) => [
    ...[...statement.matchAll(/\bCONSTRAINT (\w+)/g)].map(([, name]) => name),
    ...[...statement.matchAll(/^CREATE (?:TABLE|TRIGGER) (\w+)/g)].map(([, name]) => name),
  ]);
  expect(names.filter((name, at) => names.indexOf(name) < at)).toEqual([]);
  for (const name of names) expect(name?.length).toBeLessThanOrEqual(128);
  // A filter of an index is a comparison with a constant, or several of them.
  for (const statement of DDL) {
    const constant = "(?:\\d+|'[^']*')";
    const comparison = `\\w+ (?:(?:=|<>|<|>|<=|>=) ${constant}|IN \\(${constant}(?:, ${constant})*\\))`;
    const [, filter] = /^CREATE INDEX .*? WHERE (.*)$/.exec(statement) ?? [];
    if (filter !== undefined) expect(filter).toMatch(new RegExp(`^${comparison}(?: AND ${comparison})*$`));
  }
});

test('the server that is played refuses what is too long for its column, and takes blanks at the end for none', async () => {
  const server = new TsqlOnSqlite();
  const database = new SqlServerDatabase(
    server.driver(),
    { server: 'played' },
    { attempts: 1, retryBaseMs: 1 },
  );
  await new SqlResultStore(database).migrate();
  const entomb = (hash: string) =>
    database.write((session) =>
      session.run([
        sql`INSERT INTO erased_image (image_hash, erasure, erased_at) VALUES (${text(hash)}, 'e', 'now')`,
      ]),
    );
  await expect(entomb('x'.repeat(65))).rejects.toThrow(/CHECK/);
  await entomb('x');
  await expect(entomb('x ')).rejects.toThrow(/2627/);
  server.close();
});
