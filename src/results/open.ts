import { type Identity, openIdentity } from '../domain/identity.ts';
import type { Clock, Random } from '../domain/ports.ts';
import { type Settings, SettingsError } from '../domain/settings.ts';
import { SqlResultStore } from './sql-result-store.ts';
import type { ResultStore } from './store.ts';

interface OpenOptions {
  clock?: Clock;
  random?: Random;
  /** Signs in where no password is set. */
  identity?: Identity;
}

/**
 * Opens the result store that the settings name: SQL Server (SQL_CONNECTION_STRING, or SQL_SERVER with SQL_DATABASE),
 * otherwise the SQLite file SQLITE_PATH. SQL Server is reached at the first use, SQLite's file is opened here. Call
 * `migrate()` before anything else.
 *
 * @throws {SettingsError} when no database is set
 * @throws {OutageError} when the SQLite file cannot be opened
 */
export async function openResultStore(settings: Settings, options: OpenOptions = {}): Promise<ResultStore> {
  const {
    clock = Date.now,
    random = Math.random,
    identity = openIdentity(settings.AZURE_CLIENT_ID),
  } = options;
  if (
    settings.SQL_CONNECTION_STRING !== undefined ||
    settings.SQL_SERVER !== undefined ||
    settings.SQL_DATABASE !== undefined
  ) {
    const [{ default: mssql }, { sqlServerConfig }, { SqlServerDatabase }] = await Promise.all([
      import('mssql'),
      import('../database/sqlserver-config.ts'),
      import('../database/sqlserver.ts'),
    ]);
    const config = await sqlServerConfig(
      settings,
      (text) => mssql.ConnectionPool.parseConnectionString(text),
      identity,
    );
    return new SqlResultStore(new SqlServerDatabase(mssql, config, { random }), clock);
  }
  if (settings.SQLITE_PATH !== undefined) {
    if (settings.SQLITE_PATH === ':memory:') {
      throw new SettingsError(
        'App setting SQLITE_PATH: must name a file; an in-memory database cannot be shared.',
      );
    }
    const { SqliteDatabase } = await import('../database/sqlite.ts');
    return new SqlResultStore(await SqliteDatabase.open(settings.SQLITE_PATH), clock);
  }
  throw new SettingsError(
    'No database is set for the results: set SQL_CONNECTION_STRING (or SQL_SERVER and SQL_DATABASE) for SQL Server, or SQLITE_PATH for a SQLite file.',
  );
}
