import type { Database } from '../../src/database/database.ts';
import { raw } from '../../src/database/sql.ts';
import { readSettings } from '../../src/domain/settings.ts';
import { openResultStore } from '../../src/results/open.ts';

/** The database that a world keeps its results in, whichever it is, past the app: for one piece of work. */
export async function inResultsOf<T>(
  env: Readonly<Record<string, string | undefined>>,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const { SQL_CONNECTION_STRING, SQLITE_PATH } = env;
  const store = await openResultStore(readSettings({ SQL_CONNECTION_STRING, SQLITE_PATH }));
  try {
    return await work(store.database);
  } finally {
    await store.close();
  }
}

/** The tables there are. */
export async function tablesOf(database: Database): Promise<string[]> {
  const [rows = []] = await database.read([
    raw(
      database.dialect.name === 'sqlite'
        ? "SELECT name FROM sqlite_master WHERE type = 'table'"
        : "SELECT TABLE_NAME AS name FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_TYPE = 'BASE TABLE'",
    ),
  ]);
  return rows.map(({ name }) => String(name));
}
