import type { Place } from './azure.ts';

/** What the hook needs of the deployment. */
interface Outputs {
  readonly server: string;
  readonly database: string;
  readonly identity: string;
  readonly statement: string;
  /** Whether only its own network reaches the database. */
  readonly privateOnly: boolean;
  readonly place: Place;
}

/** Variables that are read: azd's own, and outputs of `infra/main.bicep`. */
export const VARIABLES = [
  'AZURE_SUBSCRIPTION_ID',
  'AZURE_RESOURCE_GROUP',
  'SQL_SERVER_FQDN',
  'SQL_DATABASE_NAME',
  'IDENTITY_NAME',
  'CREATE_DATABASE_USER_STATEMENT',
  'VIRTUAL_NETWORK_DEPLOYED',
] as const;

/** @throws {Error} naming what is missing */
export function readOutputs(env: Readonly<Record<string, string | undefined>>): Outputs {
  const missing = VARIABLES.filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new Error(
      `Missing in the environment: ${missing.join(', ')}. Run this by "azd hooks run postprovision", after "azd provision".`,
    );
  }
  const value = (name: (typeof VARIABLES)[number]): string => env[name] ?? '';
  const server = value('SQL_SERVER_FQDN');
  return {
    server,
    database: value('SQL_DATABASE_NAME'),
    identity: value('IDENTITY_NAME'),
    statement: value('CREATE_DATABASE_USER_STATEMENT'),
    privateOnly: value('VIRTUAL_NETWORK_DEPLOYED').toLowerCase() === 'true',
    place: {
      subscription: value('AZURE_SUBSCRIPTION_ID'),
      resourceGroup: value('AZURE_RESOURCE_GROUP'),
      server: server.split('.')[0] ?? '',
    },
  };
}
