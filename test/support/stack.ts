import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type App, openApp } from '../../src/app.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { ENGINE_ENV } from '../../src/local/launcher/services.ts';
import type { StoredImage } from '../../src/results/rows.ts';
import { containers } from '../../src/storage/names.ts';
import { type Emulator, startEmulator } from './emulator.ts';
import { ownDatabase } from './own-database.ts';
import { projectRoot } from './project-root.ts';

/** A child process, and what it has said so far. */
export interface Child {
  process: ChildProcess;
  output(): string;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts one of the project's own processes from its built form, as `npm start` does. */
export function startChild(script: string, args: string[], env: NodeJS.ProcessEnv = process.env): Child {
  const child = spawn(process.execPath, [join(projectRoot, script), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-20_000);
    });
  }
  return {
    process: child,
    output: () => output,
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    },
  };
}

/** Waits until a child has printed what `pattern` matches. @throws with its output when it ends before */
export async function printed(child: Child, pattern: RegExp, limitMs = 60_000): Promise<RegExpExecArray> {
  const until = Date.now() + limitMs;
  for (;;) {
    const match = pattern.exec(child.output());
    if (match) return match;
    if (child.process.exitCode !== null || Date.now() > until) {
      throw new Error(`A child process did not print ${pattern}. Its output:\n${child.output()}`);
    }
    await Promise.race([once(child.process.stdout ?? child.process, 'data'), once(child.process, 'exit')]);
  }
}

export interface EngineProcess extends Child {
  url: string;
}

/** @param checkout the folder of the project whose built engine is started: this one unless told otherwise */
export async function startEngine(args: string[] = [], checkout = projectRoot): Promise<EngineProcess> {
  const script = join(relative(projectRoot, checkout), 'dist/src/local/vision/main.js');
  const child = startChild(script, ['--port', '0', ...args], { ...ENGINE_ENV, ...process.env });
  const [, url = ''] = await printed(child, /vision engine listening on (\S+)/);
  return { ...child, url };
}

/** Everything the pipeline runs on, for one test file: emulator and database of its own, an engine that may be shared. */
export interface Stack {
  emulator: Emulator;
  app: App;
  env: Record<string, string>;
  /** Starts a host, and does not wait for it. @param appFolder the project itself when absent */
  spawnHost(appFolder?: string, extra?: Record<string, string>): Child;
  startHost(appFolder?: string): Promise<Child>;
  /** Drops an image as an operator does, and announces it as the watcher does. */
  drop(name: string, bytes: Buffer): Promise<void>;
  /** The rows, once there are at least `count`. */
  rows(count: number, limitMs?: number): Promise<StoredImage[]>;
  stop(): Promise<void>;
}

export async function openStack(engineUrl: string, extra: Record<string, string> = {}): Promise<Stack> {
  const [emulator, folder, database] = await Promise.all([
    startEmulator(),
    mkdtemp(join(tmpdir(), 'imaginem-test-')),
    ownDatabase(),
  ]);
  const env: Record<string, string> = {
    IMAGINEM_USER: 'local',
    AzureWebJobsStorage: emulator.connectionString,
    COMPUTER_VISION_ENDPOINT: engineUrl,
    COMPUTER_VISION_KEY: 'local',
    COMPUTER_VISION_CALLS_PER_SECOND: '1000',
    FACE_ENDPOINT: engineUrl,
    FACE_KEY: 'local',
    FACE_CALLS_PER_SECOND: '1000',
    SQLITE_PATH: join(folder, 'results.db'),
    ...(database && { SQL_CONNECTION_STRING: database.connectionString }),
    RETRY_BASE_SECONDS: '1',
    RETRY_MAX_SECONDS: '5',
    AzureFunctionsJobHost__extensions__queues__batchSize: '2',
    AzureFunctionsJobHost__extensions__queues__newBatchThreshold: '1',
    ...extra,
  };
  const app = await openApp(env);
  await app.ensure();
  const reconciler = app.reconciler(Number.NEGATIVE_INFINITY);
  const children: Child[] = [];
  const spawnHost: Stack['spawnHost'] = (appFolder = projectRoot, more = {}) => {
    const args = ['--app', appFolder, '--visibility-timeout', '2', '--max-polling-interval', '300'];
    const host = startChild('dist/src/local/host/main.js', args, { ...process.env, ...env, ...more });
    children.push(host);
    return host;
  };
  return {
    emulator,
    app,
    env,
    spawnHost,
    startHost: async (appFolder) => {
      const host = spawnHost(appFolder);
      await Promise.race([
        once(host.process, 'message'),
        once(host.process, 'exit').then(() => {
          throw new Error(`The host ended before it was ready:\n${host.output()}`);
        }),
      ]);
      return host;
    },
    drop: async (name, bytes) => {
      await app.storage.blobs.write(containers.input, name, bytes, 'application/octet-stream');
      await reconciler.run(silentLog);
    },
    rows: async (count, limitMs = 240_000) => {
      const results = await app.results();
      const until = Date.now() + limitMs;
      for (;;) {
        const rows = await results.list({ limit: 1000 });
        if (rows.length >= count) return rows;
        if (Date.now() > until) {
          const logs = children.map((child) => child.output()).join('\n');
          throw new Error(`Only ${rows.length} of ${count} rows appeared in time. The hosts said:\n${logs}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    stop: async () => {
      await Promise.all(children.map((child) => child.stop()));
      await app.close();
      await emulator.stop();
      await database?.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What people call an image: the name of its file. */
export const fileName = (url: string): string => decodeURIComponent(url.split('/').at(-1) ?? '');

/** The names of the other images that a row may match, sorted. */
export const matchedFiles = (row: StoredImage | undefined): string[] =>
  [...new Set(row?.matches.map((match) => fileName(match.otherImageUrl)))].sort();
