import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import sqlserver from 'mssql';
import { sqlServerConfig } from '../../src/database/sqlserver-config.ts';
import { readSettings } from '../../src/domain/settings.ts';

/** A database on a server that one test world has for itself. */
export interface OwnDatabase {
  name: string;
  connectionString: string;
  drop(): Promise<void>;
}

/** Runs statements on the server, on one connection and in no transaction; only the last of them must succeed. */
type Administer = (connectionString: string, statements: readonly string[]) => Promise<void>;

/**
 * @param kind stands in the name: who made it
 * @returns undefined where TEST_SQL_CONNECTION_STRING names no server: then results go to a SQLite file of the world's own
 */
export async function ownDatabase(
  server = process.env.TEST_SQL_CONNECTION_STRING,
  { kind = 'test', run = administer }: { kind?: 'test' | 'bench'; run?: Administer } = {},
): Promise<OwnDatabase | undefined> {
  if (server === undefined || server === '') return undefined;
  const name = `imaginem_${kind}_${randomUUID().replaceAll('-', '')}`;
  await run(server, [`CREATE DATABASE [${name}]`]);
  return {
    name,
    connectionString: inDatabase(server, name),
    // Whoever has not hung up yet is put out, or nothing could be dropped. A server that does not know the words needs none.
    drop: () =>
      run(server, [
        `ALTER DATABASE [${name}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE`,
        `DROP DATABASE [${name}]`,
      ]),
  };
}

/** The same connection, to another database of the server. */
export function inDatabase(connectionString: string, name: string): string {
  const kept = connectionString
    .split(';')
    .filter((part) => part.trim() !== '' && !/^\s*(?:database|initial catalog)\s*=/i.test(part));
  return [...kept, `Database=${name}`].join(';');
}

/** Keeps everybody else from writing results, in whichever store a world uses. @returns what lets them again */
export async function lockResults(env: Readonly<Record<string, string>>): Promise<() => Promise<void>> {
  if (env.SQL_CONNECTION_STRING === undefined) {
    const database = new DatabaseSync(env.SQLITE_PATH ?? '');
    database.exec('PRAGMA busy_timeout = 60000; BEGIN EXCLUSIVE');
    return async () => {
      database.exec('ROLLBACK');
      database.close();
    };
  }
  const pool = await connect(env.SQL_CONNECTION_STRING);
  const transaction = new sqlserver.Transaction(pool);
  await transaction.begin();
  await new sqlserver.Request(transaction).query(
    'SELECT TOP 1 id FROM pipeline_output WITH (TABLOCKX, HOLDLOCK)',
  );
  return async () => {
    await transaction.rollback();
    await pool.close();
  };
}

async function connect(
  connectionString: string,
  options: Partial<sqlserver.config> = {},
): Promise<sqlserver.ConnectionPool> {
  const settings = readSettings({ SQL_CONNECTION_STRING: connectionString });
  const config = await sqlServerConfig(settings, (text) =>
    sqlserver.ConnectionPool.parseConnectionString(text),
  );
  return new sqlserver.ConnectionPool({ ...config, ...options }).connect();
}

/** A database of Azure SQL takes minutes to make. */
const ADMINISTER_MS = 10 * 60_000;

async function administer(connectionString: string, statements: readonly string[]): Promise<void> {
  const pool = await connect(connectionString, { requestTimeout: ADMINISTER_MS, pool: { max: 1 } });
  try {
    await inTurn(statements, (statement) => pool.request().batch(statement));
  } finally {
    await pool.close();
  }
}

/** Only the last must succeed. */
export async function inTurn(
  statements: readonly string[],
  run: (statement: string) => Promise<unknown>,
): Promise<void> {
  for (const [at, statement] of statements.entries()) {
    const told = run(statement);
    await (at + 1 < statements.length ? told.catch(() => {}) : told);
  }
}
