import path from 'node:path';
import type { Ports } from '../../cli/instance.ts';
import { DEFAULT_PIPELINE } from '../../domain/settings.ts';
import type { DataFolder } from './data-folder.ts';
import { connectionString, type StorageAccount } from './storage-account.ts';

/** The engine's pace is its processors' pace: a governor set to a paid tier's calls per second would only slow it. */
const ENGINE_CALLS_PER_SECOND = '200';

type Env = Readonly<Record<string, string | undefined>>;

interface InstanceSettings {
  /** What this instance sets, whatever the environment says. */
  readonly own: Record<string, string>;
  /** Names of settings that the environment has and the instance needs: where its results or its services are. */
  readonly inherited: string[];
  /** Whether the local vision engine serves at least one of the two services. */
  readonly needsEngine: boolean;
}

const set = (env: Env, name: string): boolean => env[name] !== undefined && env[name] !== '';

/**
 * The app settings of the local instance: storage is always the instance's own; vision is the local engine unless the
 * environment names another endpoint; results are SQLite unless the environment names SQL Server.
 */
export function instanceSettings(
  ports: Ports,
  folder: DataFolder,
  env: Env,
  account: StorageAccount,
  keys: { engine: string; audit: string },
): InstanceSettings {
  const own: Record<string, string> = {
    AzureWebJobsStorage: connectionString(ports, account),
    // Kept for the command line, whose own environment says nothing about what runs.
    PIPELINE_DEFINITION: set(env, 'PIPELINE_DEFINITION') ? String(env.PIPELINE_DEFINITION) : DEFAULT_PIPELINE,
  };
  // One that the environment gives is not written down.
  if (!set(env, 'AUDIT_SIGNING_KEY')) own.AUDIT_SIGNING_KEY = keys.audit;
  // How many people make a find is one for the page and for the command line.
  if (set(env, 'SECOND_REVIEW')) own.SECOND_REVIEW = String(env.SECOND_REVIEW);
  const inherited: string[] = [];
  let needsEngine = false;
  for (const service of ['COMPUTER_VISION', 'FACE']) {
    if (set(env, `${service}_ENDPOINT`)) {
      inherited.push(`${service}_ENDPOINT`);
      continue;
    }
    needsEngine = true;
    own[`${service}_ENDPOINT`] = `http://127.0.0.1:${ports.engine}`;
    own[`${service}_KEY`] = keys.engine;
    if (!set(env, `${service}_CALLS_PER_SECOND`)) {
      own[`${service}_CALLS_PER_SECOND`] = ENGINE_CALLS_PER_SECOND;
    }
  }
  const sqlServer = ['SQL_CONNECTION_STRING', 'SQL_SERVER', 'SQL_DATABASE'].filter((name) => set(env, name));
  inherited.push(...sqlServer);
  if (sqlServer.length === 0)
    own.SQLITE_PATH = path.resolve(set(env, 'SQLITE_PATH') ? String(env.SQLITE_PATH) : folder.results);
  return { own, inherited, needsEngine };
}
