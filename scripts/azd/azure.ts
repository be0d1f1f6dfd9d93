import type { TokenCredential } from '@azure/identity';
import { AzureCliCredential, AzureDeveloperCliCredential, ChainedTokenCredential } from '@azure/identity';
import mssql from 'mssql';
import type { Database, Firewall } from './database-user.ts';

/** The name of the rule: one that was left behind by a run that was killed is taken over by the next. */
const RULE = 'imaginem-database-user';
const API_VERSION = '2023-08-01';
const MANAGEMENT = 'https://management.azure.com';

/** Whoever is signed in to azd, else to az. */
export const signedIn = (): TokenCredential =>
  new ChainedTokenCredential(new AzureDeveloperCliCredential(), new AzureCliCredential());

/** Connects to Azure SQL as whoever the credential is. */
export async function connect(
  server: string,
  database: string,
  credential: TokenCredential,
): Promise<Database> {
  const pool = await new mssql.ConnectionPool({
    server,
    database,
    requestTimeout: 60_000,
    // A serverless database that sleeps takes a minute to wake.
    connectionTimeout: 90_000,
    options: { encrypt: true },
    authentication: { type: 'token-credential', options: { credential } },
  } as mssql.config).connect();
  return {
    hasUser: async (name) => {
      const { recordset } = await pool
        .request()
        .input('name', mssql.NVarChar(128), name)
        .query<{ id: number | null }>('SELECT DATABASE_PRINCIPAL_ID(@name) AS id');
      return recordset[0]?.id != null;
    },
    run: async (statement) => {
      await pool.request().batch(statement);
    },
    close: () => pool.close(),
  };
}

export interface Place {
  readonly subscription: string;
  readonly resourceGroup: string;
  /** Name of the SQL server, without its domain. */
  readonly server: string;
}

/** The firewall of an Azure SQL server, by Azure Resource Manager. */
export function firewall(
  { subscription, resourceGroup, server }: Place,
  credential: TokenCredential,
  send: typeof fetch = fetch,
): Firewall {
  const url = `${MANAGEMENT}/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Sql/servers/${server}/firewallRules/${RULE}?api-version=${API_VERSION}`;
  const call = async (method: 'PUT' | 'DELETE', body?: unknown): Promise<void> => {
    const { token } = (await credential.getToken(`${MANAGEMENT}/.default`)) ?? { token: '' };
    const answer = await send(url, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (answer.ok) return;
    throw new Error(
      `The firewall rule ${RULE} of ${server} could not be ${method === 'PUT' ? 'written' : 'deleted: do that by hand'} (HTTP ${answer.status}).`,
    );
  };
  return {
    open: (address) => call('PUT', { properties: { startIpAddress: address, endIpAddress: address } }),
    close: () => call('DELETE'),
  };
}
