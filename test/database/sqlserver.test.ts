import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { bigint, float, int, raw, render, type Sql, sql, text } from '../../src/database/sql.ts';
import { type Driver, SqlServerDatabase, sqlServerDialect } from '../../src/database/sqlserver.ts';
import { OutageError } from '../../src/domain/errors.ts';

const failure = (number: number) => Object.assign(new Error(`error ${number}`), { number });

/** A driver that keeps note, and answers each request by its text. */
function driver(
  answer: (text: string, count: number) => object = () => ({ recordsets: [], rowsAffected: [] }),
) {
  const events: string[] = [];
  const inputs: [string, unknown, unknown][] = [];
  let requests = 0;
  const fails: { connect?: Error | undefined; rollback?: Error } = {};
  const types = {
    MAX: 'max',
    Int: () => 'int',
    BigInt: () => 'bigint',
    Float: () => 'float',
    NVarChar: (length: unknown) => `nvarchar ${length}`,
  };
  class ConnectionPool {
    on(event: string, listener: () => void) {
      events.push(`listens to ${event}`);
      listener();
      return this;
    }
    async connect() {
      events.push('connect');
      if (fails.connect) throw fails.connect;
      return this;
    }
    async close() {
      events.push('close');
    }
  }
  class Transaction {
    async begin() {
      events.push('begin');
    }
    async commit() {
      events.push('commit');
    }
    async rollback() {
      events.push('rollback');
      if (fails.rollback) throw fails.rollback;
    }
  }
  class Request {
    input(name: string, type: unknown, value: unknown) {
      inputs.push([name, type, value]);
    }
    async query(given: string) {
      events.push(given);
      requests += 1;
      const said = answer(given, requests);
      if (said instanceof Error) throw said;
      return said;
    }
  }
  return {
    driver: { ...types, ConnectionPool, Transaction, Request } as unknown as Driver,
    events,
    inputs,
    fails,
    types,
  };
}
const open = (played: ReturnType<typeof driver>, options: object = {}) =>
  new SqlServerDatabase(played.driver, { server: 'played' }, { retryBaseMs: 0, ...options });

test('a page of rows is asked for in its words', () => {
  const words = (rows: number, skip?: number) => render(sqlServerDialect.limit(rows, skip), () => '?');
  expect([words(5), words(5.7, 2.9)]).toEqual([
    ' OFFSET 0 ROWS FETCH NEXT 5 ROWS ONLY',
    ' OFFSET 2 ROWS FETCH NEXT 5 ROWS ONLY',
  ]);
});

describe('a request', () => {
  test('has every parameter by its type, numbered over all its statements', async () => {
    const played = driver();
    const long = 'x'.repeat(4001);
    await open(played).read([
      sql`SELECT ${int(1)}, ${bigint(2)}`,
      sql`SELECT ${float(3.5)}, ${text('a')}, ${text('x'.repeat(4000))}, ${text(long)}, ${text(null)}`,
    ]);
    expect(played.events.at(-1)).toBe('SELECT @p1, @p2;\nSELECT @p3, @p4, @p5, @p6, @p7');
    expect(played.inputs.map(([name, type]) => [name, type])).toEqual([
      ...[
        ['p1', 'int'],
        ['p2', 'bigint'],
        ['p3', 'float'],
        ['p4', 'nvarchar 4000'],
        ['p5', 'nvarchar 4000'],
      ],
      ...[
        ['p6', 'nvarchar max'],
        ['p7', 'nvarchar 4000'],
      ],
    ]);
    expect(played.inputs.map(([, , value]) => value)).toEqual([1, 2, 3.5, 'a', 'x'.repeat(4000), long, null]);
  });

  test('has two thousand parameters at most; what does not fit goes in another', async () => {
    const of = (name: string, count: number): Sql => ({
      parts: [`${name} `, ...Array(count).fill('')],
      parameters: Array.from({ length: count }, () => int(1)),
    });
    const played = driver((text) => ({
      recordsets: text.split(';\n').map(() => []),
      rowsAffected: text.split(';\n').map(() => 2),
    }));
    const database = open(played);
    const statements = [of('a', 1500), of('b', 500), of('c', 1), of('d', 1999), of('e', 1)];
    expect(await database.read(statements)).toHaveLength(5);
    const names = () =>
      played.events
        .filter((event) => /^[a-e] /.test(event))
        .map((event) => event.replace(/@p\d+/g, '').replace(/\s+/g, ''));
    expect(names()).toEqual(['a;b', 'c;d', 'e']);
    await database.write(async (session) => {
      expect(await session.runEach(statements)).toEqual([2, 2, 2, 2, 2]);
      expect(await session.run(statements)).toBe(10);
    });
    expect(await database.read([])).toEqual([]);
  });

  test('gives whole numbers of 64 bits as numbers, where those can hold them', async () => {
    const played = driver();
    const set = Object.assign([{ n: '12', big: '9007199254740993', s: '7', none: null }], {
      columns: {
        n: { name: 'n', type: played.types.BigInt },
        big: { name: 'big', type: played.types.BigInt },
        s: { name: 's', type: played.types.NVarChar },
        none: { name: 'none', type: played.types.BigInt },
      },
    });
    const other = driver(() => ({ recordsets: [set, [{ a: '1' }]] }));
    Object.assign(other.driver, { BigInt: played.types.BigInt });
    expect(await open(other).read([raw('x')])).toEqual([
      [{ n: 12, big: '9007199254740993', s: '7', none: null }],
      [{ a: '1' }],
    ]);
  });
});

describe('a database', () => {
  test('is connected to once, and again after it was closed or a connection failed', async () => {
    const played = driver();
    const database = open(played);
    await Promise.all([database.read([raw('a')]), database.read([raw('b')])]);
    expect(played.events.filter((event) => event === 'connect')).toHaveLength(1);
    expect(played.events[0]).toBe('listens to error');
    await database.close();
    expect(played.events.at(-1)).toBe('close');
    await database.close();
    expect(played.events.filter((event) => event === 'close')).toHaveLength(1);
    await database.read([raw('c')]);
    expect(played.events.filter((event) => event === 'connect')).toHaveLength(2);
    const failing = driver();
    failing.fails.connect = failure(18456);
    const refused = open(failing);
    await expect(refused.read([raw('a')])).rejects.toBeInstanceOf(OutageError);
    await refused.close();
    expect(failing.events.filter((event) => event === 'connect')).toHaveLength(1);
    failing.fails.connect = undefined;
    await refused.read([raw('a')]);
    expect(failing.events.at(-1)).toBe('a');
  });

  test('has a table where the server knows its id', async () => {
    const has = (id: unknown) =>
      open(driver(() => ({ recordsets: id === 'no row' ? [[]] : [[{ id }]] }))).hasTable('t');
    expect([await has(7), await has(0), await has(null), await has('no row')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  test('answers a query from a transaction that is rolled back, and writes in one that is committed', async () => {
    const played = driver((text) =>
      text === 'wrong' ? failure(207) : { recordsets: [[{ a: 1 }]], rowsAffected: [1] },
    );
    const database = open(played);
    const sinceConnected = () => played.events.splice(0).filter((event) => !/^(listens|connect)/.test(event));
    expect(await database.query('x')).toEqual([{ a: 1 }]);
    expect(sinceConnected()).toEqual(['begin', 'x', 'rollback']);
    played.fails.rollback = new Error('rolled back already');
    await expect(database.query('wrong')).rejects.toThrow('error 207');
    expect(sinceConnected()).toEqual(['begin', 'wrong', 'rollback']);
    expect(await database.write((session) => session.run([raw('y')]))).toBe(1);
    expect(sinceConnected()).toEqual(['begin', 'y', 'commit']);
    await expect(database.write((session) => session.run([raw('wrong')]))).rejects.toThrow('error 207');
    expect(sinceConnected()).toEqual(['begin', 'wrong', 'rollback']);
    expect(await open(driver()).query('nothing')).toEqual([]);
  });
});

describe('an error', () => {
  /** How often a read is tried that always fails so, and what is waited for between the tries. */
  async function tries(number: number, options: object = {}, eachMs = 0) {
    let now = 5_000_000;
    const waits: unknown[] = [];
    const spy = vi.spyOn(timers, 'setTimeout').mockImplementation(async (ms) => void waits.push(ms) as never);
    syncBuiltinESMExports();
    const played = driver(() => {
      now += eachMs;
      return failure(number);
    });
    try {
      const random = () => 0.5;
      const database = new SqlServerDatabase(
        played.driver,
        { server: 'x' },
        { random, clock: () => now, ...options },
      );
      await expect(database.read([raw('q')])).rejects.toThrow();
    } finally {
      spy.mockRestore();
      syncBuiltinESMExports();
    }
    return { count: played.events.filter((event) => event === 'q').length, waits };
  }

  test('that time cures is tried again, five times in all, ever more slowly', async () => {
    for (const number of [1205, 2627, 40613, 2714])
      expect(await tries(number), `${number}`).toEqual({ count: 5, waits: [100, 200, 400, 800] });
    expect(await tries(1205, { attempts: 2, retryBaseMs: 10 })).toEqual({ count: 2, waits: [5] });
    for (const number of [207, 18456])
      expect(await tries(number), `${number}`).toEqual({ count: 1, waits: [] });
  });

  test('of a server that is silent is tried for twenty seconds; of one that others write to all the same', async () => {
    expect((await tries(40613, {}, 19_999)).count).toBe(2);
    expect((await tries(40613, {}, 20_000)).count).toBe(1);
    expect((await tries(1205, {}, 20_000)).count).toBe(5);
  });
});
