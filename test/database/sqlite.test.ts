import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { int, raw, render, sql, text } from '../../src/database/sql.ts';
import { SqliteDatabase, sqliteDialect } from '../../src/database/sqlite.ts';
import { OutageError } from '../../src/domain/errors.ts';

let folder: string;
let path: string;
let database: SqliteDatabase;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sqlite-'));
  path = join(folder, 'new', 'results.db');
  database = await SqliteDatabase.open(path);
});
afterEach(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});
const one = async (statement: string) =>
  Object.values((await database.read([raw(statement)]))[0]?.[0] ?? {})[0];
/** As the connection that writes sees it. */
const asWriter = (statement: string) =>
  database.write(async (session) => Object.values((await session.read([raw(statement)]))[0]?.[0] ?? {})[0]);

test('a page of rows is asked for in its words', () => {
  const words = (rows: number, skip?: number) => render(sqliteDialect.limit(rows, skip), () => '?');
  expect([words(5), words(5.7, 0), words(5, 1), words(5, 2.9)]).toEqual([
    ...[' LIMIT 5', ' LIMIT 5', ' LIMIT 5 OFFSET 1', ' LIMIT 5 OFFSET 2'],
  ]);
});

describe('a file', () => {
  test('is its owner’s alone, written ahead, safe after a power cut, and overwrites what it deletes', async () => {
    expect(await one('PRAGMA journal_mode')).toBe('wal');
    expect(await asWriter('PRAGMA synchronous')).toBe(2);
    expect(await asWriter('PRAGMA foreign_keys')).toBe(1);
    expect(await asWriter('PRAGMA secure_delete')).toBe(1);
    expect(await one('PRAGMA user_version')).toBe(1);
    expect(await one('PRAGMA cache_size')).toBe(-65_536);
    if (process.platform === 'win32') return;
    const mode = async (name: string) => ((await stat(name)).mode & 0o777).toString(8);
    expect(await mode(join(folder, 'new'))).toBe('700');
    for (const name of [path, `${path}-wal`, `${path}-shm`]) expect(await mode(name), name).toBe('600');
  });

  test.skipIf(process.platform === 'win32')(
    'that others could read is its owner’s alone once it is opened',
    async () => {
      await database.write((session) => session.run([sql`CREATE TABLE t (a INTEGER)`]));
      const names = [path, `${path}-wal`, `${path}-shm`];
      for (const name of names) await chmod(name, 0o644);
      await (await SqliteDatabase.open(path)).close();
      for (const name of names) expect((await stat(name)).mode & 0o777, name).toBe(0o600);
    },
  );

  test('of before keeps its mark, until it is written anew, once', async () => {
    await database.write((session) => session.run([sql`CREATE TABLE t (a TEXT)`]));
    const old = new DatabaseSync(path);
    old.exec('PRAGMA user_version = 0');
    old.close();
    const again = await SqliteDatabase.open(path);
    try {
      const version = async () => (await again.query('PRAGMA user_version'))[0]?.user_version;
      expect(await version()).toBe(0);
      await again.forget();
      expect(await version()).toBe(1);
      expect((await stat(`${path}-wal`)).size, 'the log is empty').toBe(0);
      await again.write((session) => session.run([sql`INSERT INTO t VALUES (${text('x')})`]));
      expect((await stat(`${path}-wal`)).size).toBeGreaterThan(0);
      await again.forget();
      expect((await stat(`${path}-wal`)).size).toBe(0);
    } finally {
      await again.close();
    }
  });

  test('has its tables by name, and no others', async () => {
    await database.write((session) =>
      session.run([sql`CREATE TABLE t (a INTEGER)`, sql`CREATE INDEX i ON t (a)`]),
    );
    expect(await Promise.all(['t', 'i', 'u'].map((name) => database.hasTable(name)))).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('statements', () => {
  beforeEach(() =>
    database.write(async (session) => void (await session.run([sql`CREATE TABLE t (a INTEGER)`]))),
  );

  test('say how many rows they changed, together or each', async () => {
    const all = [
      sql`INSERT INTO t VALUES (1), (2), (3)`,
      sql`DELETE FROM t WHERE a > ${int(1)}`,
      sql`DELETE FROM t WHERE a > 9`,
    ];
    await database.write(async (session) => {
      expect(await session.runEach(all)).toEqual([3, 2, 0]);
      expect(await session.run(all)).toBe(5);
    });
    expect(await database.query('SELECT a FROM t')).toEqual([{ a: 1 }, { a: 1 }]);
    expect(
      await database.survey([sql`SELECT COUNT(*) AS n FROM t`, sql`SELECT a FROM t WHERE a = ${int(1)}`]),
    ).toEqual([[{ n: 2 }], [{ a: 1 }, { a: 1 }]]);
    await expect(database.survey([raw('SELECT b FROM t')])).rejects.toThrow(/no such column/);
  });

  test('of which 200 are kept prepared', async () => {
    const spy = vi.spyOn(DatabaseSync.prototype, 'prepare');
    const prepared = async (...numbers: number[]) => {
      const before = spy.mock.calls.length;
      for (const number of numbers) await database.read([raw(`SELECT ${number}`)]);
      return spy.mock.calls.length - before;
    };
    try {
      const first = Array.from({ length: 200 }, (_, n) => n);
      expect(await prepared(...first)).toBe(200);
      expect(await prepared(...first)).toBe(0);
      // One more, and the oldest is no more.
      expect(await prepared(200)).toBe(1);
      expect(await prepared(1, 199, 200)).toBe(0);
      expect(await prepared(0)).toBe(1);
    } finally {
      spy.mockRestore();
    }
  });

  test('give way after ten milliseconds to whoever else waits in this process', async () => {
    let now = performance.now() + 1_000_000;
    const spy = vi.spyOn(performance, 'now').mockImplementation(() => now);
    const gaveWay = async (work: () => Promise<unknown>) => {
      let ran = false;
      const other = new Promise<void>((resolve) =>
        setImmediate(() => {
          ran = true;
          resolve();
        }),
      );
      await work();
      const did = ran;
      await other;
      return did;
    };
    const read = () => database.read([raw('SELECT 1')]);
    const write = () => database.write(async () => {});
    try {
      expect(await gaveWay(read)).toBe(true);
      now += 9.9;
      expect([await gaveWay(read), await gaveWay(write)]).toEqual([false, false]);
      now += 0.1;
      expect([await gaveWay(write), await gaveWay(write)]).toEqual([true, false]);
    } finally {
      spy.mockRestore();
    }
  });

  test('of a long transaction give way as well, those of a short one do not', async () => {
    let now = performance.now() + 1_000_000;
    const spy = vi.spyOn(performance, 'now').mockImplementation(() => now);
    const turns: number[] = [];
    let running = true;
    const count = () => {
      turns[turns.length - 1] = (turns.at(-1) ?? 0) + 1;
      if (running) setImmediate(count);
    };
    /** How many turns others have while so many statements are run that take so long each. */
    const others = async (statements: number, each: number) => {
      let had = 0;
      await database.write(async (session) => {
        turns.push(0);
        for (let n = 0; n < statements; n += 1) {
          await session.run([sql`INSERT INTO t VALUES (${int(n)})`]);
          now += each;
        }
        await session.read([sql`SELECT COUNT(*) AS n FROM t`]);
        had = turns.at(-1) ?? 0;
      });
      return had;
    };
    try {
      turns.push(0);
      setImmediate(count);
      expect(await others(9, 1)).toBe(0);
      expect(await others(5, 10)).toBeGreaterThanOrEqual(4);
      await expect(
        database.write(async (session) => {
          await session.run([sql`DELETE FROM t`]);
          now += 10;
          await session.run([sql`DELETE FROM t`]);
          throw new Error('undone');
        }),
      ).rejects.toThrow('undone');
    } finally {
      running = false;
      spy.mockRestore();
    }
    expect(await database.query('SELECT COUNT(*) AS n FROM t')).toEqual([{ n: 14 }]);
  });

  test('of a transaction that gives way are seen by nobody before its end, in this process and in another', async () => {
    let now = performance.now() + 1_000_000;
    const spy = vi.spyOn(performance, 'now').mockImplementation(() => now);
    const other = new DatabaseSync(path, { readOnly: true });
    const seen: unknown[] = [];
    const look = async () => {
      seen.push((await database.query('SELECT COUNT(*) AS n FROM t'))[0]?.n);
      seen.push(other.prepare('SELECT COUNT(*) AS n FROM t').get()?.n);
    };
    try {
      const looks: Promise<void>[] = [];
      const rows = [1, 2, 3].map((n) => sql`INSERT INTO t VALUES (${int(n)})`);
      const writing = database.write(async (session) => {
        for (const row of rows) {
          await session.run([row]);
          now += 10;
          setImmediate(() => looks.push(look()));
        }
        await session.run([sql`INSERT INTO t VALUES (4)`]);
        // Those of whoever had a turn meanwhile.
        await Promise.all(looks);
        expect(looks.length).toBeGreaterThanOrEqual(3);
      });
      await writing;
      expect(new Set(seen)).toEqual(new Set([0]));
      await look();
      expect(seen.slice(-2)).toEqual([4, 4]);
    } finally {
      spy.mockRestore();
      other.close();
    }
  });

  test('that are written take turns, also with a failure among them, and closing waits for the last', async () => {
    const order: string[] = [];
    const write = (name: string, fails = false) =>
      database.write(async (session) => {
        order.push(`${name} begins`);
        await new Promise(setImmediate);
        await session.run([sql`INSERT INTO t VALUES (1)`]);
        order.push(`${name} ends`);
        if (fails) throw new Error('wrong');
      });
    const all = [write('a'), write('b', true).catch(({ message }) => message), write('c')];
    const closing = database.close();
    expect((await Promise.all(all))[1]).toBe('wrong');
    await closing;
    expect(order).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]));
    const file = new DatabaseSync(path);
    expect(file.prepare('SELECT COUNT(*) AS n FROM t').get()).toEqual({ n: 2 });
    file.close();
    await expect(database.read([raw('SELECT 1')])).rejects.toThrow(/not open/);
    await database.close();
  });
});

test('a write that comes while the second of two is at work waits for that one', async () => {
  await database.write((session) => session.run([sql`CREATE TABLE t (a TEXT)`]));
  const order: string[] = [];
  const write = (name: string, work: () => Promise<void>) =>
    database.write(async (session) => {
      order.push(`${name} begins`);
      await work();
      await session.run([sql`INSERT INTO t VALUES (${text(name)})`]);
      order.push(`${name} ends`);
    });
  const begun = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const first = write('a', async () => {});
  const second = write('b', () => {
    begun.resolve();
    return held.promise;
  });
  await first;
  await begun.promise;
  const third = write('c', async () => {});
  setImmediate(held.resolve);
  await Promise.all([second, third]);
  expect(order).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} begins`, `${name} ends`]));
});

test('another process’s write is waited for as long as it is said, and then it is an outage that says so', async () => {
  const patient = await SqliteDatabase.open(path, { busyTimeoutMs: 60_000 });
  const impatient = await SqliteDatabase.open(path, { busyTimeoutMs: 0 });
  const other = new DatabaseSync(path);
  other.exec('CREATE TABLE t (a INTEGER); BEGIN IMMEDIATE');
  try {
    const failed = impatient.write(async () => {});
    await expect(failed).rejects.toBeInstanceOf(OutageError);
    await expect(failed).rejects.toMatchObject({
      code: 'ResultStoreUnavailable',
      message: 'The SQLite file of the results cannot be used now (SQLITE_BUSY): SQLITE_PATH names it.',
    });
    const waiting = patient.write((session) => session.run([sql`INSERT INTO t VALUES (1)`]));
    // It has asked by now, and waits between its calls: this process goes on.
    await new Promise((resolve) => setTimeout(resolve, 100));
    other.exec('COMMIT');
    expect(await waiting).toBe(1);
  } finally {
    other.close();
    await patient.close();
    await impatient.close();
  }
});
