import { setTimeout as delay } from 'node:timers/promises';
import type * as mssql from 'mssql';
import type { Clock, Random } from '../domain/ports.ts';
import type { Database, Dialect, Row, Session } from './database.ts';
import { type Parameter, raw, render, type Sql, sql, text } from './sql.ts';
import { classify, translate } from './sqlserver-errors.ts';

export const sqlServerDialect: Dialect = {
  name: 'sqlserver',
  rowsPerInsert: 1000,
  // 2,100 is the limit; sp_executesql takes two of them.
  maxParameters: 2000,
  // Four statements of so many ids are one request.
  imagesPerRead: 500,
  limit: (rows, skip = 0) => raw(` OFFSET ${Math.trunc(skip)} ROWS FETCH NEXT ${Math.trunc(rows)} ROWS ONLY`),
  type: {
    key: (length) => `nvarchar(${length}) COLLATE Latin1_General_BIN2`,
    text: 'nvarchar(max)',
    int: 'int',
    bigint: 'bigint',
    float: 'float',
  },
  newId: "LOWER(REPLACE(CONVERT(nvarchar(36), NEWID()), '-', ''))",
  appendOnly: (table) =>
    ['UPDATE', 'DELETE'].map(
      (change) =>
        `CREATE TRIGGER ${table}_no_${change.toLowerCase()} ON ${table} INSTEAD OF ${change} AS BEGIN THROW 51000, N'${table} is append-only', 1; END`,
    ),
  keyedTable: '',
  createIfMissing: (table, columns) =>
    raw(`IF OBJECT_ID(N'${table}', N'U') IS NULL CREATE TABLE ${table} (${columns})`),
};

/** The part of the `mssql` module that is used. */
export type Driver = Pick<
  typeof mssql,
  'ConnectionPool' | 'Transaction' | 'Request' | 'NVarChar' | 'MAX' | 'Int' | 'BigInt' | 'Float'
>;

interface SqlServerOptions {
  random?: Random;
  /** Tries of a transaction or a read before its error is passed on; 5 by default. */
  attempts?: number;
  /** Longest wait before the second try, in milliseconds; doubles with each, full jitter; 200 by default. */
  retryBaseMs?: number;
  clock?: Clock;
}

/**
 * After so long an outage is passed on, in milliseconds. A server that falls silent costs a whole time-out each time
 * (15 s for a connection, 60 s for a request): five of them would hold a message for minutes.
 */
const RETRY_WITHIN_MS = 20_000;

/** There is already an object of that name: two processes created the same table at once. */
const ALREADY_THERE = 2714;

/**
 * SQL Server and Azure SQL by `mssql`: a pool, explicit transactions, one request for as many statements as fit into
 * it. Transient errors are tried again here a few times, within seconds; what lasts longer surfaces as `OutageError`
 * and is the queue's to wait for.
 */
export class SqlServerDatabase implements Database {
  readonly dialect = sqlServerDialect;
  readonly #driver: Driver;
  readonly #config: mssql.config;
  readonly #random: Random;
  readonly #attempts: number;
  readonly #retryBaseMs: number;
  readonly #clock: Clock;
  #pool: Promise<mssql.ConnectionPool> | undefined;

  constructor(driver: Driver, config: mssql.config, options: SqlServerOptions = {}) {
    this.#driver = driver;
    this.#config = config;
    this.#random = options.random ?? Math.random;
    this.#attempts = options.attempts ?? 5;
    this.#retryBaseMs = options.retryBaseMs ?? 200;
    this.#clock = options.clock ?? Date.now;
  }

  async read(statements: readonly Sql[]): Promise<Row[][]> {
    return this.#retry(async () => this.#session(await this.#connected()).read(statements));
  }

  async write<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#retry(async () => {
      const transaction = new this.#driver.Transaction(await this.#connected());
      await transaction.begin();
      try {
        const result = await work(this.#session(transaction));
        await transaction.commit();
        return result;
      } catch (error) {
        await rollBack(transaction);
        throw error;
      }
    });
  }

  /**
   * What this guarantees: whatever the one SELECT does inside the transaction is undone. What it cannot: a login whose
   * rights are limited to `db_datareader` is the fence to rely on where people are not trusted.
   */
  async query(statement: string): Promise<Row[]> {
    return this.#retry(async () => {
      const transaction = new this.#driver.Transaction(await this.#connected());
      await transaction.begin();
      try {
        const [rows] = await this.#session(transaction).read([raw(statement)]);
        return rows ?? [];
      } finally {
        await rollBack(transaction);
      }
    });
  }

  async hasTable(name: string): Promise<boolean> {
    const [rows] = await this.read([sql`SELECT OBJECT_ID(${text(name)}, N'U') AS id`]);
    return (rows?.[0]?.id ?? null) !== null;
  }

  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.then(
      (open) => open.close(),
      () => {},
    );
  }

  #connected(): Promise<mssql.ConnectionPool> {
    if (this.#pool === undefined) {
      const pool = new this.#driver.ConnectionPool(this.#config);
      // Errors of idle connections have no caller; the next acquire finds the connection closed and makes another.
      pool.on('error', () => {});
      const opening: Promise<mssql.ConnectionPool> = pool.connect().catch((error: unknown) => {
        if (this.#pool === opening) this.#pool = undefined;
        throw error;
      });
      this.#pool = opening;
    }
    return this.#pool;
  }

  async #retry<T>(work: () => Promise<T>): Promise<T> {
    const began = this.#clock();
    for (let attempt = 1; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        const kind = classify(error);
        const again =
          kind === 'outage' || kind === 'contention' || kind === 'duplicate' || isAlreadyThere(error);
        const isLate = kind === 'outage' && this.#clock() - began >= RETRY_WITHIN_MS;
        if (!again || attempt >= this.#attempts || isLate) throw translate(error);
        await delay(this.#random() * this.#retryBaseMs * 2 ** (attempt - 1));
      }
    }
  }

  #session(parent: mssql.ConnectionPool | mssql.Transaction): Session {
    const request = async (statements: readonly Sql[]): Promise<mssql.IResult<Row>> => {
      const { text: batch, parameters } = renderBatch(statements);
      // The constructor's overloads do not take the union.
      const made = new this.#driver.Request(parent as mssql.Transaction);
      parameters.forEach((parameter, index) => {
        made.input(`p${index + 1}`, this.#type(parameter), parameter.value);
      });
      return made.query<Row>(batch);
    };
    const runEach = async (statements: readonly Sql[]): Promise<number[]> => {
      const changes: number[] = [];
      for (const batch of batches(statements, this.dialect.maxParameters)) {
        const { rowsAffected } = await request(batch);
        changes.push(...rowsAffected);
      }
      return changes;
    };
    return {
      read: async (statements) => {
        const rows: Row[][] = [];
        for (const batch of batches(statements, this.dialect.maxParameters)) {
          const { recordsets } = await request(batch);
          rows.push(...(recordsets as mssql.IRecordSet<Row>[]).map((set) => plainRows(set, this.#driver)));
        }
        return rows;
      },
      run: async (statements) => (await runEach(statements)).reduce((sum, changes) => sum + changes, 0),
      runEach,
    };
  }

  #type({ type, value }: Parameter): mssql.ISqlType {
    if (type === 'int') return this.#driver.Int();
    if (type === 'bigint') return this.#driver.BigInt();
    if (type === 'float') return this.#driver.Float();
    // Two declared lengths only, so that the server keeps few plans.
    return typeof value === 'string' && value.length > 4000
      ? this.#driver.NVarChar(this.#driver.MAX)
      : this.#driver.NVarChar(4000);
  }
}

/** Statements in groups that fit into one request each. */
function batches(statements: readonly Sql[], maxParameters: number): Sql[][] {
  const groups: Sql[][] = [];
  let free = 0;
  for (const statement of statements) {
    const group = groups.at(-1);
    if (group === undefined || statement.parameters.length > free) {
      groups.push([statement]);
      free = maxParameters - statement.parameters.length;
    } else {
      group.push(statement);
      free -= statement.parameters.length;
    }
  }
  return groups;
}

/** One text with parameters @p1, @p2, ... over all its statements. */
function renderBatch(statements: readonly Sql[]): { text: string; parameters: Parameter[] } {
  const parameters: Parameter[] = [];
  const texts = statements.map((statement) => {
    const text = render(statement, (number) => `@p${number}`, parameters.length + 1);
    parameters.push(...statement.parameters);
    return text;
  });
  return { text: texts.join(';\n'), parameters };
}

/** The driver gives 64-bit numbers as strings. */
function plainRows(set: mssql.IRecordSet<Row>, driver: Driver): Row[] {
  const long = Object.values(set.columns ?? {})
    .filter(({ type }) => type === driver.BigInt)
    .map(({ name }) => name);
  return set.map((row) => {
    const plain = { ...row };
    for (const name of long) {
      const value = Number(plain[name]);
      if (typeof plain[name] === 'string' && Number.isSafeInteger(value)) plain[name] = value;
    }
    return plain;
  });
}

const isAlreadyThere = (error: unknown): boolean =>
  (error as { number?: unknown } | undefined)?.number === ALREADY_THERE;

async function rollBack(transaction: mssql.Transaction): Promise<void> {
  try {
    await transaction.rollback();
  } catch {
    // The server has rolled back already, or the connection is gone and with it the transaction.
  }
}
