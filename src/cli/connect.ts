import { type App, openApp } from '../app.ts';
import { figuresFor } from '../domain/match-worth.ts';
import { readSettings } from '../domain/settings.ts';
import { People } from '../people/people.ts';
import { openResultStore } from '../results/open.ts';
import type { ResultStore } from '../results/store.ts';
import { CliError } from './errors.ts';
import { type Instance, readInstance } from './instance.ts';
import { dataFolder } from './paths.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What a command works on: a local instance, or the deployment that the environment's app settings name. */
export interface Connection {
  /** For sentences: "the local instance" or "the account of the environment". */
  readonly what: string;
  /** Whether its app settings have this one; where not, a default is assumed, and what runs may have another value. */
  has(setting: string): boolean;
  /** The value of an app setting, as it stands there. */
  setting(name: string): string | undefined;
  /** The result store, which SQLite makes readable while nothing runs. */
  results(): Promise<ResultStore>;
  /** Who is who, in the same database. */
  people(): Promise<People>;
  /** The app over its storage account. @throws {CliError} when that does not answer */
  app(): Promise<App>;
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
    return connection('the local instance', settingsOf(instance, env), async () => {
      if (running) return;
      throw new CliError(`The local instance of ${folder} is not running. Start it with "npm start".`);
    });
  }
  if (!deployed && !env.SQLITE_PATH && !env.SQL_CONNECTION_STRING && !env.SQL_SERVER) {
    throw new CliError(
      `There is no local instance in ${folder} and no app settings in the environment. Start one with "npm start", or set AzureWebJobsStorage and the other settings of a deployment.`,
    );
  }
  return connection('the deployment of the environment', env, async () => {
    if (!deployed)
      throw new CliError('No storage account: set AzureWebJobsStorage, or start with "npm start".');
  });
}

function connection(what: string, env: Env, reach: () => Promise<void>): Connection {
  let app: App | undefined;
  let store: ResultStore | undefined;
  return {
    what,
    has: (setting) => env[setting] !== undefined && env[setting] !== '',
    setting: (name) => env[name] || undefined,
    async results() {
      if (store) return store;
      store = await openResultStore(readSettings(env));
      await store.migrate();
      return store;
    },
    async people() {
      const { database } = await this.results();
      const figures = figuresFor(readSettings(env).FACE_ENDPOINT) ?? undefined;
      return new People(database, { clock: Date.now, figures });
    },
    async app() {
      await reach();
      app ??= await openApp(env);
      return app;
    },
    async close() {
      await store?.close();
      await app?.close();
    },
  };
}

function settingsOf(instance: Instance, env: Env): Env {
  const missing = instance.inherited.filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new CliError(
      `The local instance was started with ${missing.join(' and ')} in its environment: set the same here.`,
    );
  }
  return { ...env, ...instance.settings };
}

async function storageAnswers({ ports }: Instance): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${ports.blob}/`, {
      signal: AbortSignal.timeout(REACH_LIMIT_MS),
    });
    await response.body?.cancel();
    return /azurite|imaginem-storage/i.test(response.headers.get('server') ?? '');
  } catch {
    return false;
  }
}
