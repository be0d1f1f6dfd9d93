import { SqlServerDatabase } from '../../src/database/sqlserver.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { TsqlOnSqlite } from '../results/tsql-on-sqlite.ts';
import { peopleConformance } from './people-conformance.ts';

peopleConformance("SQL Server's statements, played by SQLite in this process", async () => {
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
