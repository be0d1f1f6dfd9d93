import { get } from 'node:http';
import path from 'node:path';
import type { App } from '../app.ts';
import { readSettings } from '../domain/settings.ts';
import type { People } from '../people/people.ts';
import type { ResultStore } from '../results/store.ts';
import { CliError } from './errors.ts';
import { stepsOfHost } from './host-steps.ts';
import { type Instance, readInstance } from './instance.ts';
import { withLocalSettings } from './local-settings.ts';
import { dataFolder, PROJECT } from './paths.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What a command works on: a local instance, or the deployment that the environment's app settings name. */
export interface Connection {
  /** For sentences: "the local instance" or "the account of the environment". */
  readonly what: string;
  /** Whether its app settings have this one; where not, a default is assumed, and what runs may have another value. */
  has(setting: string): boolean;
  /** The value of an app setting, as it stands there. */
  setting(name: string): string | undefined;
  /** Folder of the logs of a local instance. */
  readonly logs?: string;
  /** All of them, for a process that works for this one. */
  readonly settings: Env;
  /** The result store, which SQLite makes readable while nothing runs. */
  results(): Promise<ResultStore>;
  /** Who is who: of the app, for candidates follow from it. @throws {CliError} when that does not answer */
  people(): Promise<People>;
  /** The app over its storage account. @throws {CliError} when that does not answer */
  app(): Promise<App>;
  /** The steps that the host which runs has loaded; undefined where that cannot be asked. */
  hostSteps(): Promise<ReadonlySet<string> | undefined>;
  close(): Promise<void>;
}

const REACH_LIMIT_MS = 3000;

/**
 * Connects to the local instance of the data folder where one runs, else to what the environment's app settings name,
 * else to the local instance as its last run left it.
 *
 * @throws {CliError} where there is neither
 */
export async function connect(options: { data?: string | undefined }, env: Env): Promise<Connection> {
  const folder = dataFolder(options.data, env);
  const instance = await readInstance(folder);
  const running = instance !== undefined && (await storageAnswers(instance));
  const deployed = Object.keys(env).some((name) => name.startsWith('AzureWebJobsStorage') && env[name]);
  if (instance && (running || !deployed || options.data !== undefined)) {
    const hostSteps = async () => (running ? stepsOfHost(instance.ports.host) : undefined);
    const local = connection('the local instance', await settingsOf(instance, env), hostSteps, async () => {
      if (running) return;
      throw new CliError(`The local instance of ${folder} is not running. Start it with "npm start".`);
    });
    return { ...local, logs: path.join(folder, 'logs') };
  }
  if (!deployed && !env.SQLITE_PATH && !env.SQL_CONNECTION_STRING && !env.SQL_SERVER) {
    throw new CliError(
      `There is no local instance in ${folder} and no app settings in the environment. Start one with "npm start", or set AzureWebJobsStorage and the other settings of a deployment.`,
    );
  }
  return connection(
    'the deployment of the environment',
    env,
    async () => undefined,
    async () => {
      if (!deployed)
        throw new CliError('No storage account: set AzureWebJobsStorage, or start with "npm start".');
    },
  );
}

function connection(
  what: string,
  env: Env,
  hostSteps: Connection['hostSteps'],
  reach: () => Promise<void>,
): Connection {
  let app: App | undefined;
  let store: ResultStore | undefined;
  return {
    what,
    has: (setting) => env[setting] !== undefined && env[setting] !== '',
    setting: (name) => env[name] || undefined,
    settings: env,
    hostSteps,
    async results() {
      if (store) return store;
      const { openResultStore } = await import('../results/open.ts');
      store = await openResultStore(readSettings(env));
      await store.migrate();
      return store;
    },
    async people() {
      return (await this.app()).people();
    },
    async app() {
      await reach();
      const { openApp } = await import('../app.ts');
      app ??= await openApp(env);
      return app;
    },
    async close() {
      await store?.close();
      await app?.close();
    },
  };
}

async function settingsOf(instance: Instance, given: Env): Promise<Env> {
  // As the launcher completed its own.
  const { env } = await withLocalSettings(given, PROJECT);
  const missing = instance.inherited.filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new CliError(
      `The local instance was started with ${missing.join(' and ')} in its environment: set the same here.`,
    );
  }
  return { ...env, ...instance.settings };
}

function storageAnswers({ ports }: Instance): Promise<boolean> {
  // Not by fetch: to load it takes a command line longer than all it asks.
  return new Promise((resolve) => {
    const asked = get({ host: '127.0.0.1', port: ports.blob, timeout: REACH_LIMIT_MS }, (response) => {
      response.resume();
      resolve(/azurite|imaginem-storage/i.test(String(response.headers.server)));
    });
    asked.on('timeout', () => asked.destroy()).on('error', () => resolve(false));
  });
}
