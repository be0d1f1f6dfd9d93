import type { TokenCredential } from '@azure/identity';
import type * as mssql from 'mssql';
import { type Identity, openIdentity } from '../domain/identity.ts';
import { type Settings, SettingsError } from '../domain/settings.ts';

const COMMON = {
  requestTimeout: 60_000,
  connectionTimeout: 15_000,
  // A look at the socket instead of a `SELECT 1` before every request; a dead connection is retried anyway.
  validateConnection: 'socket',
} as const;

/** The driver asks the credential for Azure SQL's scope itself. */
function byToken(credential: TokenCredential): NonNullable<mssql.config['authentication']> {
  return { type: 'token-credential', options: { credential } } as NonNullable<mssql.config['authentication']>;
}

/** Ways to sign in that the driver's parser knows; it would take any other for a SQL login without a user. */
const KNOWN_TO_DRIVER = /^(?:sqlpassword|sql password|ntlm|active ?directory ?(?:integrated|password))$/i;
const BY_IDENTITY = /^active ?directory ?(?:default|managed ?identity|msi|workload ?identity)$/i;

/**
 * The driver's configuration, from SQL_CONNECTION_STRING or from SQL_SERVER and SQL_DATABASE with identity. A string
 * with `Authentication=Active Directory Default` or `... Managed Identity`, which Azure's other tools write, signs in by
 * identity too: its `User Id` is then the identity's client id.
 *
 * @throws {SettingsError} saying which setting to change, never quoting its value
 */
export async function sqlServerConfig(
  settings: Pick<Settings, 'SQL_CONNECTION_STRING' | 'SQL_SERVER' | 'SQL_DATABASE' | 'AZURE_CLIENT_ID'>,
  parse: (connectionString: string) => mssql.config,
  identity: Identity = openIdentity(settings.AZURE_CLIENT_ID),
): Promise<mssql.config> {
  const { SQL_CONNECTION_STRING: connectionString, SQL_SERVER: server, SQL_DATABASE: database } = settings;
  if (connectionString === undefined) {
    if (server === undefined || database === undefined) {
      throw new SettingsError(
        `App setting ${server === undefined ? 'SQL_SERVER' : 'SQL_DATABASE'}: is missing; SQL_SERVER and SQL_DATABASE are set together.`,
      );
    }
    return {
      ...COMMON,
      ...address(server),
      database,
      authentication: byToken(await identity()),
      options: { encrypt: true },
    };
  }
  let parsed: mssql.config & { authentication_type?: string; clientId?: string };
  try {
    parsed = parse(connectionString);
  } catch {
    throw new SettingsError(
      'App setting SQL_CONNECTION_STRING: is not a SQL Server connection string (Server=...;Database=...;...).',
    );
  }
  if (typeof parsed.server !== 'string' || parsed.server === '') {
    throw new SettingsError('App setting SQL_CONNECTION_STRING: names no server (Server=...).');
  }
  const authentication = /(?:^|;)\s*authentication\s*=([^;]*)/i
    .exec(connectionString)?.[1]
    ?.trim()
    .replace(/^"|"$/g, '')
    .trim();
  if (authentication === undefined || KNOWN_TO_DRIVER.test(authentication)) return { ...COMMON, ...parsed };
  if (!BY_IDENTITY.test(authentication)) {
    throw new SettingsError(
      'App setting SQL_CONNECTION_STRING: its Authentication is not supported; use "Active Directory Default", or set SQL_SERVER and SQL_DATABASE instead.',
    );
  }
  const { authentication_type: _, user, password: __, clientId, ...rest } = parsed;
  return {
    ...COMMON,
    ...rest,
    authentication: byToken(await identity(clientId ?? user)),
    options: { ...rest.options, encrypt: true },
  };
}

/** `host`, `tcp:host` or `host,port`, as in connection strings. */
function address(server: string): { server: string; port?: number } {
  const [host = '', port] = server.replace(/^tcp:/i, '').split(',');
  return port === undefined ? { server: host.trim() } : { server: host.trim(), port: Number(port) };
}
