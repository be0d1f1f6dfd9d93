import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { OutageError } from '../domain/errors.ts';
import { makePrivate } from '../domain/private-files.ts';
import type { Database, Dialect, Row, Session } from './database.ts';
import { raw, render, type Sql } from './sql.ts';
import { surveyFile } from './sqlite-survey.ts';
import { OVERWRITTEN, vacuumFile } from './sqlite-vacuum.ts';

export const sqliteDialect: Dialect = {
  name: 'sqlite',
  rowsPerInsert: 1,
  maxParameters: 30_000,
  imagesPerRead: 100,
  limit: (rows, skip = 0) =>
    raw(` LIMIT ${Math.trunc(rows)}${skip > 0 ? ` OFFSET ${Math.trunc(skip)}` : ''}`),
  type: { key: () => 'TEXT', text: 'TEXT', int: 'INTEGER', bigint: 'INTEGER', float: 'REAL' },
  newId: 'lower(hex(randomblob(16)))',
  appendOnly: (table) =>
    ['UPDATE', 'DELETE'].map(
      (change) =>
        `CREATE TRIGGER ${table}_no_${change.toLowerCase()} BEFORE ${change} ON ${table} BEGIN SELECT RAISE(ABORT, '${table} is append-only'); END`,
    ),
  keyedTable: ' WITHOUT ROWID',
  createIfMissing: (table, columns) => raw(`CREATE TABLE IF NOT EXISTS ${table} (${columns})`),
};

/** Primary result codes (sqlite.org/rescode.html) that say the file is away or busy, not that a statement is wrong. */
const OUTAGE = new Map([
  [5, 'SQLITE_BUSY'],
  [6, 'SQLITE_LOCKED'],
  [8, 'SQLITE_READONLY'],
  [10, 'SQLITE_IOERR'],
  [13, 'SQLITE_FULL'],
  [14, 'SQLITE_CANTOPEN'],
  [15, 'SQLITE_PROTOCOL'],
]);

const outageCode = (error: unknown): string | undefined => {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? OUTAGE.get(code & 0xff) : undefined;
};

function translate(error: unknown): unknown {
  const code = outageCode(error);
  if (code === undefined) return error;
  return new OutageError(
    `The SQLite file of the results cannot be used now (${code}): SQLITE_PATH names it.`,
    {
      code: 'ResultStoreUnavailable',
      cause: error,
    },
  );
}

interface SqliteOptions {
  /** Milliseconds to wait for another process's write before it counts as an outage; 10,000 by default. */
  busyTimeoutMs?: number;
  dialect?: Dialect;
}

const STATEMENTS_KEPT = 200;
/** Memory that each connection may fill with pages. */
const CACHE_KIB = 64 * 1024;
const BUSY_TIMEOUT_MS = 10_000;
/** The engine waits inside a call, and with it the whole process: longer waits are made between calls. */
const ENGINE_WAIT_MS = 50;
const PAUSE_MS = 10;

/**
 * The last transaction on each file, of all stores of this process: they take turns, for one that waited inside the
 * engine for another would keep that other from ever going on.
 */
const writing = new Map<string, Promise<void>>();

async function whileBusy(timeoutMs: number, work: () => void): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    try {
      work();
      return;
    } catch (error) {
      if (outageCode(error) !== 'SQLITE_BUSY' || performance.now() >= end) throw error;
      await delay(PAUSE_MS);
    }
  }
}

/** So long callers may go on one after the other before whoever else waits in this process has a turn. */
const TURN_MS = 10;
let turned = performance.now();

/**
 * The engine answers within the call, and what is awaited then is no more than a microtask: many calls in a row would
 * keep this process from its timers, its leases and its HTTP until the last of them.
 */
async function giveTurn(): Promise<void> {
  if (performance.now() - turned < TURN_MS) return;
  await nextTurn();
  turned = performance.now();
}

/** One connection and its prepared statements. */
class Connection implements Session {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();
  /** When this connection last gave way within its transaction, or began it. */
  #turned = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  execute(text: string): void {
    this.#database.exec(text);
  }

  all(statement: Sql): Row[] {
    return this.#prepare(statement).all(...statement.parameters.map(({ value }) => value)) as Row[];
  }

  begin(): void {
    this.execute('BEGIN IMMEDIATE');
    this.#turned = performance.now();
  }

  async read(statements: readonly Sql[]): Promise<Row[][]> {
    return this.#each(statements, (statement) => this.all(statement));
  }

  async run(statements: readonly Sql[]): Promise<number> {
    return (await this.runEach(statements)).reduce((sum, changes) => sum + changes, 0);
  }

  async runEach(statements: readonly Sql[]): Promise<number[]> {
    return this.#each(statements, (statement) =>
      Number(this.#prepare(statement).run(...statement.parameters.map(({ value }) => value)).changes),
    );
  }

  /**
   * A long transaction gives way between its statements; who else writes waits for it as before. A short one is done in
   * one go: it holds the lock no longer than it must.
   */
  async #each<T>(statements: readonly Sql[], work: (statement: Sql) => T): Promise<T[]> {
    const done: T[] = [];
    for (const statement of statements) {
      if (performance.now() - this.#turned >= TURN_MS) {
        await nextTurn();
        this.#turned = turned = performance.now();
      }
      done.push(work(statement));
    }
    return done;
  }

  close(): void {
    this.#prepared.clear();
    if (this.#database.isOpen) this.#database.close();
  }

  #prepare(statement: Sql): StatementSync {
    const text = render(statement, () => '?');
    let prepared = this.#prepared.get(text);
    if (prepared === undefined) {
      prepared = this.#database.prepare(text);
      if (this.#prepared.size >= STATEMENTS_KEPT) {
        const oldest = this.#prepared.keys().next().value;
        if (oldest !== undefined) this.#prepared.delete(oldest);
      }
      this.#prepared.set(text, prepared);
    }
    return prepared;
  }
}

/**
 * Texts and names of people are for the owner of the file alone, whatever umask this process has, also where it was there
 * before. SQLite gives the files beside a new database the same rights. What is no file is told of when it is opened.
 */
function keepPrivate(file: string): void {
  try {
    closeSync(openSync(file, 'a', 0o600));
    for (const one of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(one)) makePrivate(one);
  } catch {}
}

/**
 * SQLite by the runtime's own `node:sqlite`: one connection that writes, its transactions one after the other, and one
 * that the engine holds to reading. Other processes may use the same file at the same time (write-ahead log).
 */
export class SqliteDatabase implements Database {
  readonly dialect: Dialect;
  readonly #path: string;
  readonly #writer: Connection;
  readonly #reader: Connection;
  readonly #busyTimeoutMs: number;

  private constructor(path: string, writer: Connection, reader: Connection, options: SqliteOptions) {
    this.#path = path;
    this.#writer = writer;
    this.#reader = reader;
    this.#busyTimeoutMs = options.busyTimeoutMs ?? BUSY_TIMEOUT_MS;
    this.dialect = options.dialect ?? sqliteDialect;
  }

  /** Opens the file, making it and its folder where they are missing. */
  static async open(path: string, options: SqliteOptions = {}): Promise<SqliteDatabase> {
    const { DatabaseSync } = await import('node:sqlite');
    const file = resolve(path);
    const timeout = ENGINE_WAIT_MS;
    const opened: DatabaseSync[] = [];
    try {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      keepPrivate(file);
      const writer = new DatabaseSync(file, { timeout });
      opened.push(writer);
      // Changing the journal needs the file alone for a moment, and SQLite does not wait for that by itself; a new file
      // is marked as one, which waits for whoever makes its tables at this moment.
      await whileBusy(options.busyTimeoutMs ?? BUSY_TIMEOUT_MS, () => {
        writer.exec('PRAGMA journal_mode = WAL');
        // FULL: a row that `save` reported is there after a power cut too, for its message is deleted next.
        // What is deleted is overwritten: a receipt of an erasure is to be true of the file as well.
        writer.exec('PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON');
        const isNew = writer.prepare('SELECT 1 FROM sqlite_master').get() === undefined;
        if (isNew) writer.exec(`PRAGMA user_version = ${OVERWRITTEN}`);
      });
      const reader = new DatabaseSync(file, { timeout, readOnly: true });
      opened.push(reader);
      // SQLite's own default, 2 MB, holds not even the inner pages of the indexes of a million images.
      for (const one of [writer, reader]) one.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
      return new SqliteDatabase(file, new Connection(writer), new Connection(reader), options);
    } catch (error) {
      for (const database of opened) database.close();
      throw translate(error);
    }
  }

  /** All statements see the same state of the database. */
  async read(statements: readonly Sql[]): Promise<Row[][]> {
    await giveTurn();
    try {
      // No `await` between BEGIN and COMMIT: callers share this connection.
      this.#reader.execute('BEGIN');
      try {
        return statements.map((statement) => this.#reader.all(statement));
      } finally {
        this.#reader.execute('COMMIT');
      }
    } catch (error) {
      throw translate(error);
    }
  }

  write<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#inTurn(() => this.#transaction(work));
  }

  /** Brings the log into the file, where deleted rows are overwritten, and empties it. An old file is written anew, once. */
  forget(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#vacuumOnce();
      const end = performance.now() + this.#busyTimeoutMs;
      // Whoever reads in another process at this moment keeps the log from being emptied.
      for (;;) {
        const [row] = this.#writer.all(raw('PRAGMA wal_checkpoint(TRUNCATE)'));
        if (row?.busy === 0) return;
        if (performance.now() >= end) {
          throw new OutageError('The log of the results could not be emptied: another program reads them.');
        }
        await delay(PAUSE_MS);
      }
    });
  }

  async #vacuumOnce(): Promise<void> {
    if (Number(this.#writer.all(raw('PRAGMA user_version'))[0]?.user_version) >= OVERWRITTEN) return;
    try {
      await vacuumFile(this.#path);
    } catch (error) {
      throw translate(error);
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = (writing.get(this.#path) ?? Promise.resolve()).then(work);
    const ended = turn.then(
      () => {},
      () => {},
    );
    writing.set(this.#path, ended);
    ended.then(() => {
      if (writing.get(this.#path) === ended) writing.delete(this.#path);
    });
    return turn;
  }

  async #transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    await giveTurn();
    try {
      // IMMEDIATE: waits for its turn here, where nothing is read yet, and so never fails half way with BUSY.
      await whileBusy(this.#busyTimeoutMs, () => this.#writer.begin());
      try {
        const result = await work(this.#writer);
        this.#writer.execute('COMMIT');
        return result;
      } catch (error) {
        this.#writer.execute('ROLLBACK');
        throw error;
      }
    } catch (error) {
      throw translate(error);
    }
  }

  async survey(statements: readonly Sql[]): Promise<Row[][]> {
    try {
      return await surveyFile(this.#path, statements);
    } catch (error) {
      throw translate(error);
    }
  }

  async query(text: string): Promise<Row[]> {
    return this.read([raw(text)]).then(([rows]) => (rows ?? []).map((row) => ({ ...row })));
  }

  async hasTable(name: string): Promise<boolean> {
    const [rows] = await this.read([
      {
        parts: ["SELECT name FROM sqlite_master WHERE type = 'table' AND name = ", ''],
        parameters: [{ type: 'text', value: name }],
      },
    ]);
    return rows?.length === 1;
  }

  async close(): Promise<void> {
    await writing.get(this.#path);
    this.#reader.close();
    this.#writer.close();
  }
}
