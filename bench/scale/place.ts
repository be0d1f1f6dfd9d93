import type { Database } from '../../src/database/database.ts';
import { readSettings } from '../../src/domain/settings.ts';

/** Where a database is, so that another process can open it too. */
export type Place = { file: string } | { connectionString: string };

/** @param requestTimeoutMs for what the app itself never does; on a server only */
export async function openPlace(place: Place, requestTimeoutMs?: number): Promise<Database> {
  if ('file' in place) {
    const { SqliteDatabase } = await import('../../src/database/sqlite.ts');
    return SqliteDatabase.open(place.file);
  }
  const [{ default: sqlserver }, { SqlServerDatabase }, { sqlServerConfig }] = await Promise.all([
    import('mssql'),
    import('../../src/database/sqlserver.ts'),
    import('../../src/database/sqlserver-config.ts'),
  ]);
  const settings = readSettings({ SQL_CONNECTION_STRING: place.connectionString });
  const config = await sqlServerConfig(settings, (words) =>
    sqlserver.ConnectionPool.parseConnectionString(words),
  );
  return new SqlServerDatabase(sqlserver, {
    ...config,
    ...(requestTimeoutMs !== undefined && { requestTimeout: requestTimeoutMs }),
  });
}
