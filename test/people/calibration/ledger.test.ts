import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqlServerDatabase } from '../../../src/database/sqlserver.ts';
import { readSettings } from '../../../src/domain/settings.ts';
import { openResultStore } from '../../../src/results/open.ts';
import { SqlResultStore } from '../../../src/results/sql-result-store.ts';
import { TsqlOnSqlite } from '../../results/tsql-on-sqlite.ts';
import { calibrationConformance } from './ledger-conformance.ts';
import { measuringConformance } from './measuring-conformance.ts';

const played = async () => {
  const server = new TsqlOnSqlite();
  return {
    open: async () =>
      new SqlResultStore(
        new SqlServerDatabase(server.driver(), { server: 'played' }, { attempts: 5, retryBaseMs: 1 }),
      ),
    administer: async (sql: string) => server.administer(sql),
    clear: async () => server.close(),
  };
};
const embedded = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'calibration-'));
  return {
    open: () => openResultStore(readSettings({ SQLITE_PATH: join(folder, 'results.db') })),
    administer: async () => {},
    clear: () => rm(folder, { recursive: true, force: true }),
  };
};

for (const conformance of [calibrationConformance, measuringConformance]) {
  conformance("SQL Server's statements, played by SQLite in this process", played);
  conformance('SQLite', embedded);
}
