import { randomUUID } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import sqlserver from 'mssql';
import { sqlServerConfig } from '../../src/database/sqlserver-config.ts';
import { readSettings } from '../../src/domain/settings.ts';

/** A database on a server that one test world has for itself. */
export interface OwnDatabase {
  connectionString: string;
  drop(): Promise<void>;
}

/** @returns undefined where TEST_SQL_CONNECTION_STRING names no server: then results go to a SQLite file of the world's own */
export async function ownDatabase(
  server = process.env.TEST_SQL_CONNECTION_STRING,
): Promise<OwnDatabase | undefined> {
  if (server === undefined || server === '') return undefined;
  const name = `imaginem_test_${randomUUID().replaceAll('-', '')}`;
  await administer(server, `CREATE DATABASE [${name}]`);
  return {
    connectionString: inDatabase(server, name),
    // Whoever of the world has not hung up yet is put out, or nothing could be dropped.
    drop: () =>
      administer(
        server,
        `ALTER DATABASE [${name}] SET SINGLE_USER WITH ROLLBACK IMMEDIATE; DROP DATABASE [${name}]`,
      ),
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

async function connect(connectionString: string): Promise<sqlserver.ConnectionPool> {
  const settings = readSettings({ SQL_CONNECTION_STRING: connectionString });
  const config = await sqlServerConfig(settings, (text) =>
    sqlserver.ConnectionPool.parseConnectionString(text),
  );
  return new sqlserver.ConnectionPool(config).connect();
}

async function administer(connectionString: string, statement: string): Promise<void> {
  const pool = await connect(connectionString);
  try {
    // Neither can be in a transaction.
    for (const one of statement.split('; ')) await pool.request().batch(one);
  } finally {
    await pool.close();
  }
}
