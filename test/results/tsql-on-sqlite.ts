import { EventEmitter } from 'node:events';
import { DatabaseSync } from 'node:sqlite';
import sqlserver from 'mssql';
import { sqliteDialect } from '../../src/database/sqlite.ts';
import type { Driver } from '../../src/database/sqlserver.ts';
import { versionEight } from '../../src/results/schema-v8.ts';
import { refuseForeign } from './tsql-rules.ts';
import { COLUMN_NAMES, KEYS, TYPES } from './tsql-schema.ts';
import { refuseMixed } from './tsql-types.ts';

const CHECKED = new Set<string>();

/** One request as the server would get it. */
interface SentRequest {
  text: string;
  parameters: Record<string, { type: string; value: unknown }>;
}

/**
 * Plays SQL Server behind `mssql`'s interface where none can run: the few words of T-SQL that the store uses are put
 * into SQLite's, the server's limits are enforced, everything sent is kept, and failures can be ordered. It proves the
 * store's own part (what is sent, in which transactions, what is retried), not that a server accepts it: that is what
 * TEST_SQL_CONNECTION_STRING is for.
 */
export class TsqlOnSqlite {
  readonly sent: SentRequest[] = [];
  /** Transactions and requests in order: `begin`, `request`, `commit`, `rollback`. */
  readonly events: string[] = [];
  /** Asked before each event; what it returns is thrown in its place. */
  fail: (event: string, count: number) => Error | undefined = () => undefined;
  connections = 0;
  readonly #database = new DatabaseSync(':memory:');
  /** SQLite has one transaction at a time; the others wait here. */
  #turn: Promise<void> = Promise.resolve();

  constructor() {
    this.#database.exec('PRAGMA foreign_keys = ON');
  }

  administer(sql: string): void {
    this.#database.exec(sql);
  }

  async acquire(): Promise<() => void> {
    const before = this.#turn;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#turn = promise;
    await before;
    return resolve;
  }

  event(event: string): void {
    this.events.push(event);
    const error = this.fail(event, this.events.filter((one) => one === event).length);
    if (error !== undefined) throw error;
  }

  execute({ text, parameters }: SentRequest) {
    this.sent.push({ text, parameters });
    if (Object.keys(parameters).length > 2098) throw new Error('too many parameters');
    for (const { type, value } of Object.values(parameters)) checkType(type, value);
    const recordsets: Record<string, unknown>[][] = [];
    const rowsAffected: number[] = [];
    for (const statement of text.split(';\n')) {
      this.#check(statement, parameters);
      if ((/VALUES \(.*$/s.exec(statement)?.[0].match(/\), \(/g)?.length ?? 0) >= 1000)
        throw new Error('too many rows');
      if (/\bIN \(\s*\)/.test(statement)) throw new Error("Incorrect syntax near ')'.");
      const used = Object.fromEntries(
        [...new Set(statement.match(/@p\d+/g) ?? [])].map((name) => {
          const parameter = parameters[name.slice(1)];
          if (parameter === undefined) throw new Error(`Must declare the scalar variable "${name}".`);
          return [name.slice(1), parameter.value as string | number | null];
        }),
      );
      try {
        const prepared = this.#database.prepare(toSqlite(statement));
        if (/^\s*(?:SELECT|WITH)/i.test(statement)) {
          recordsets.push(asDriverRows(prepared.all(used) as Record<string, unknown>[]));
        } else {
          rowsAffected.push(Number(prepared.run(used).changes));
        }
      } catch (error) {
        const duplicate = [1555, 2067].includes((error as { errcode?: number }).errcode ?? 0);
        throw duplicate ? serverError(2627, 'Violation of PRIMARY KEY constraint') : error;
      }
    }
    return { recordsets, rowsAffected };
  }

  /** Once for all statements that differ in how many values they have only. */
  #check(statement: string, parameters: SentRequest['parameters']): void {
    const kind = statement
      .replaceAll(/@(p\d+)/g, (_, name: string) => `@${parameters[name]?.type}`)
      .replaceAll(/(@\S+)(?:, \1)+/g, '$1');
    if (CHECKED.has(kind)) return;
    const types = Object.entries(parameters).map(([name, { type }]) => [name, type]);
    refuseMixed(statement, Object.fromEntries(types), TYPES);
    refuseForeign(statement, COLUMN_NAMES, KEYS);
    CHECKED.add(kind);
  }

  control(text: 'BEGIN' | 'COMMIT' | 'ROLLBACK'): void {
    this.#database.exec(text);
  }

  close(): void {
    this.#database.close();
  }

  /** What stands in for the `mssql` module. */
  driver(): Driver {
    const server = this;

    class ConnectionPool extends EventEmitter {
      async connect() {
        server.event('connect');
        server.connections += 1;
        return this;
      }
      async close() {}
    }

    class Transaction {
      #release: (() => void) | undefined;
      async begin() {
        server.event('begin');
        this.#release = await server.acquire();
        server.control('BEGIN');
      }
      async commit() {
        server.event('commit');
        server.control('COMMIT');
        this.#release?.();
        this.#release = undefined;
      }
      async rollback() {
        if (this.#release === undefined) throw new Error('Transaction has not begun. Call begin() first.');
        server.events.push('rollback');
        server.control('ROLLBACK');
        this.#release();
        this.#release = undefined;
      }
    }

    class Request {
      readonly #parameters: SentRequest['parameters'] = {};
      readonly #inTransaction: boolean;
      constructor(parent: unknown) {
        this.#inTransaction = parent instanceof Transaction;
      }
      input(name: string, type: unknown, value: unknown) {
        this.#parameters[name] = { type: typeName(type), value };
        return this;
      }
      async query(text: string) {
        const release = this.#inTransaction ? undefined : await server.acquire();
        try {
          server.event('request');
          return server.execute({ text, parameters: this.#parameters });
        } finally {
          release?.();
        }
      }
    }

    return { ...sqlserver, ConnectionPool, Transaction, Request } as unknown as Driver;
  }
}

/** As `mssql` shapes an error that the server reports. */
export const serverError = (number: number, message = `error ${number}`): Error =>
  Object.assign(new Error(message), { name: 'RequestError', code: 'EREQUEST', number });

function typeName(type: unknown): string {
  const { type: of, length } = type as { type: { declaration: string }; length?: unknown };
  return length === undefined
    ? of.declaration
    : `${of.declaration}(${length === sqlserver.MAX ? 'max' : String(length)})`;
}

function checkType(type: string, value: unknown): void {
  if (value === null) return;
  const fits =
    type === 'int'
      ? Number.isInteger(value) && Math.abs(value as number) < 2 ** 31
      : type === 'bigint'
        ? Number.isSafeInteger(value)
        : type === 'float'
          ? Number.isFinite(value)
          : typeof value === 'string' &&
            (type === 'nvarchar(max)' || (type === 'nvarchar(4000)' && value.length <= 4000));
  if (!fits) throw new Error(`Validation failed for parameter of type ${type}.`);
}

/** SQLite has no triggers that look at a whole statement: those of its own stand in for them, by name. */
const ownTrigger = (statement: string): string | undefined => {
  const [, name] =
    /^CREATE TRIGGER (\w+) ON \w+ AFTER (?:INSERT|UPDATE|DELETE) AS BEGIN/.exec(statement) ?? [];
  return name && versionEight(sqliteDialect).find((own) => own.startsWith(`CREATE TRIGGER ${name} `));
};

const toSqlite = (statement: string): string =>
  ownTrigger(statement) ??
  statement
    .replace(
      /^(CREATE TRIGGER \w+) ON (\w+) INSTEAD OF (UPDATE|DELETE) AS BEGIN THROW 51000, N('[^']*'), 1; END$/,
      '$1 BEFORE $3 ON $2 BEGIN SELECT RAISE(ABORT, $4); END',
    )
    .replace(/^(DROP INDEX \w+) ON \w+$/, '$1')
    .replace(/IF OBJECT_ID\(N'\w+', N'U'\) IS NULL CREATE TABLE/, 'CREATE TABLE IF NOT EXISTS')
    .replace(
      /OBJECT_ID\((@p\d+), N'U'\)/,
      "(SELECT rowid FROM sqlite_master WHERE type = 'table' AND name = $1)",
    )
    .replace(/ OFFSET (\d+) ROWS FETCH NEXT (\d+) ROWS ONLY/g, ' LIMIT $2 OFFSET $1')
    .replaceAll("LOWER(REPLACE(CONVERT(nvarchar(36), NEWID()), '-', ''))", 'lower(hex(randomblob(16)))')
    // What is longer than its column is refused, and blanks at the end of a text make no difference.
    .replaceAll(
      /(\[?\w+\]?) nvarchar\((\d+)\) COLLATE Latin1_General_BIN2((?: NOT)? NULL)/g,
      '$1 nvarchar($2) COLLATE RTRIM$3 CHECK (LENGTH($1) <= $2)',
    )
    .replaceAll('PRIMARY KEY NONCLUSTERED', 'PRIMARY KEY')
    .replaceAll('nvarchar(max)', 'TEXT');

/** 64-bit columns come as strings and say so in the metadata. */
function asDriverRows(rows: Record<string, unknown>[]): Record<string, unknown>[] {
  const long = rows.length > 0 && 'bytes' in (rows[0] ?? {});
  const set = rows.map((row) =>
    typeof row.bytes === 'number' ? { ...row, bytes: String(row.bytes) } : { ...row },
  );
  return Object.assign(set, { columns: long ? { bytes: { name: 'bytes', type: sqlserver.BigInt } } : {} });
}
