import { spawnSync } from 'node:child_process';
import sqlserver from 'mssql';
import { describe, expect, test } from 'vitest';
import { sqlServerConfig } from '../../src/database/sqlserver-config.ts';
import { readSettings, SettingsError } from '../../src/domain/settings.ts';
import { openResultStore } from '../../src/results/open.ts';

const configOf = (env: Record<string, string>) =>
  sqlServerConfig(readSettings(env), (text) => sqlserver.ConnectionPool.parseConnectionString(text));

describe('opening the result store', () => {
  test('without any database set it says which settings to set', async () => {
    await expect(openResultStore(readSettings({}))).rejects.toThrow(SettingsError);
    await expect(openResultStore(readSettings({}))).rejects.toThrow(
      /SQL_CONNECTION_STRING.*SQL_SERVER.*SQLITE_PATH/,
    );
  });

  test.for([
    [{ SQL_SERVER: 'x.database.windows.net' }, /SQL_DATABASE/],
    [{ SQL_DATABASE: 'db', SQLITE_PATH: 'x.db' }, /SQL_SERVER/],
    [{ SQL_CONNECTION_STRING: 'hunter2' }, /SQL_CONNECTION_STRING/],
    [{ SQL_CONNECTION_STRING: 'Database=x;Password=hunter2' }, /no server/],
    [
      {
        SQL_CONNECTION_STRING: 'Server=x;Password=hunter2;Authentication=Active Directory Service Principal',
      },
      /Authentication/,
    ],
    [{ SQLITE_PATH: ':memory:' }, /SQLITE_PATH/],
  ] as const)('refuses %j in a sentence that does not quote it', async ([env, sentence]) => {
    const thrown = await openResultStore(readSettings(env)).catch((caught: unknown) => caught);
    expect(thrown).toBeInstanceOf(SettingsError);
    expect((thrown as Error).message).toMatch(sentence);
    expect((thrown as Error).message).not.toMatch(/hunter2/);
  });

  test('a server and a database sign in by identity, encrypted', async () => {
    expect(
      await configOf({
        SQL_SERVER: 'tcp:x.database.windows.net,1433',
        SQL_DATABASE: 'db',
        AZURE_CLIENT_ID: 'id',
      }),
    ).toMatchObject({
      server: 'x.database.windows.net',
      port: 1433,
      database: 'db',
      options: { encrypt: true },
      authentication: {
        type: 'token-credential',
        options: { credential: { getToken: expect.any(Function) } },
      },
    });
  });

  test.for(['Active Directory Default', 'Active Directory Managed Identity', '"ActiveDirectoryMSI"'])(
    'a connection string with Authentication=%s signs in by identity, as nowhere in the driver',
    async (authentication) => {
      const config = await configOf({
        SQL_CONNECTION_STRING: `Server=tcp:x,1433;Database=db;User Id=client;Authentication=${authentication}`,
      });
      expect(config).toMatchObject({
        server: 'x',
        database: 'db',
        options: { encrypt: true },
        authentication: { type: 'token-credential' },
      });
      expect(config).not.toHaveProperty('user');
    },
  );

  test('a connection string with user and password is left to the driver', async () => {
    expect(
      await configOf({
        SQL_CONNECTION_STRING: 'Server=x,1444;Database=db;User Id=sa;Password=p;Encrypt=false',
      }),
    ).toMatchObject({
      server: 'x',
      port: 1444,
      database: 'db',
      user: 'sa',
      password: 'p',
      options: { encrypt: false },
    });
  });

  test('SQLite alone loads neither the SQL Server driver nor the identity library', () => {
    const script = `
      import { registerHooks } from 'node:module';
      registerHooks({ resolve(specifier, context, next) {
        if (/^(mssql|@azure\\/)/.test(specifier)) throw new Error('loaded ' + specifier);
        return next(specifier, context);
      } });
      const { openResultStore } = await import(${JSON.stringify(new URL('../../src/results/open.ts', import.meta.url).href)});
      const { readSettings } = await import(${JSON.stringify(new URL('../../src/domain/settings.ts', import.meta.url).href)});
      await openResultStore(readSettings({})).catch((error) => console.log(error.name));
      await openResultStore(readSettings({ SQL_SERVER: 'x', SQL_DATABASE: 'y' })).catch((error) => console.log(error.message));`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('SettingsError\nloaded mssql\n');
  });
});
