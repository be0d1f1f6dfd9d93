import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { SqlServerDatabase } from '../../../src/database/sqlserver.ts';
import { readSettings } from '../../../src/domain/settings.ts';
import { openResultStore } from '../../../src/results/open.ts';
import { SqlResultStore } from '../../../src/results/sql-result-store.ts';
import { TsqlOnSqlite } from '../../results/tsql-on-sqlite.ts';
import { exchangeConformance } from './exchange-conformance.ts';

exchangeConformance("SQL Server's statements, played by SQLite in this process", async () => {
  const server = new TsqlOnSqlite();
  return {
    open: async () =>
      new SqlResultStore(
        new SqlServerDatabase(server.driver(), { server: 'played' }, { attempts: 5, retryBaseMs: 1 }),
      ),
    administer: async (sql) => server.administer(sql),
    clear: async () => server.close(),
  };
});

exchangeConformance('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pfif-'));
  const path = join(folder, 'results.db');
  return {
    open: () => openResultStore(readSettings({ SQLITE_PATH: path })),
    administer: async (sql) => {
      const database = new DatabaseSync(path);
      database.exec(sql);
      database.close();
    },
    clear: () => rm(folder, { recursive: true, force: true }),
  };
});
