import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { FILE_PATHS, KEYED_PREFIX } from '../../api/routes.ts';
import type { Ports } from '../../cli/instance.ts';
import { PROJECT } from '../../cli/paths.ts';
import type { Child } from './child.ts';
import type { DataFolder } from './data-folder.ts';
import { answers } from './ready.ts';
import type { ServiceSpec } from './service.ts';
import type { StorageAccount } from './storage-account.ts';

/** Models load while the engine starts: slow on a cold disk. */
const START_LIMIT_MS = 120_000;
/** The host lets invocations end before it does. */
const HOST_GRACE_MS = 10_000;
/**
 * Photographs come and go in the host's memory: with Node's own young generation and an arena of glibc for each of the
 * threads that decode them, 280 MB were measured at the peak, and 205 MB so.
 */
export const HOST_NODE_ARGS = ['--max-semi-space-size=4'];
export const HOST_ENV = { MALLOC_ARENA_MAX: '2', AzureWebJobsDisableHomepage: 'true' };
/** ONNX Runtime keeps memory of its own: with an arena of glibc for each thread two workers peaked at 1,210 to 1,240 MB, and 1,160 to 1,190 so. */
export const ENGINE_ENV = { MALLOC_ARENA_MAX: '1' };
/** Bodies pass through it and are gone: a small young generation is emptied often, and the process stays small. */
const STORAGE_NODE_ARGS = ['--max-semi-space-size=2'];
/** Large blobs wait for the disk in threads of this pool, and the log, which everything waits for, must not stand behind them. */
const STORAGE_ENV = { MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: '8' };
/** Everything waits for it, and it is up again in less than a second. */
const STORAGE_RESTART_AFTER_MS = [200, 1000, 4000, 10_000];
const RESTART_AFTER_MS = [1000, 4000, 10_000];
/** Each is there for machines as well. */
const TAKING_FILES = FILE_PATHS.flatMap((one) => [`/${one}`, `/${KEYED_PREFIX}${one}`]);

/** This module's own suffix: scripts are siblings, compiled or not. */
const SUFFIX = path.extname(import.meta.url);
const script = (relative: string): string => fileURLToPath(new URL(`${relative}${SUFFIX}`, import.meta.url));

interface ServicesOptions {
  readonly ports: Ports;
  readonly folder: DataFolder;
  readonly account: StorageAccount;
  readonly workers: number;
  readonly limitedAccess: 'on' | 'off';
  /** What every call of the engine must bring. */
  readonly engineKey: string;
  readonly invisibilitySeconds: number;
  /** Port for a debugger of the host. */
  readonly inspect?: number;
  /** Whole environment of the children, app settings included. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Our own storage service: what it has answered lasts, so that it can die and be started again like the others. */
export function storage({ ports, folder, account, env }: ServicesOptions): ServiceSpec {
  return {
    name: 'storage',
    title: 'storage service',
    script: script('../storage/main'),
    args: [
      ...['--folder', folder.storage],
      ...['--blob-port', ports.blob, '--queue-port', ports.queue, '--table-port', ports.table].map(String),
    ],
    nodeArgs: STORAGE_NODE_ARGS,
    env: { ...env, ...STORAGE_ENV, STORAGE_ACCOUNTS: `${account.name}:${account.key}` },
    ready: async (child, signal) => {
      await said(child, /storage service listening on/);
      await answers(`http://127.0.0.1:${ports.table}/${account.name}`, signal);
    },
    startLimitMs: START_LIMIT_MS,
    stopLimitMs: 15_000,
    restartAfterMs: STORAGE_RESTART_AFTER_MS,
  };
}

/** The real storage emulator. Not restarted: what it had not written yet when it died is missing. */
export function azurite({ ports, folder, account, env }: ServicesOptions): ServiceSpec {
  return {
    name: 'azurite',
    title: 'storage emulator (Azurite)',
    script: script('./azurite-process'),
    args: [
      ...['--disableTelemetry', '--skipApiVersionCheck', '--silent', '--location', folder.azurite],
      ...['--blobPort', ports.blob, '--queuePort', ports.queue, '--tablePort', ports.table].map(String),
    ],
    env,
    ready: async (child, signal) => {
      // Its own word first: what answers on a port could be another program.
      await said(child, /Table service is successfully listening/);
      await Promise.all(
        [ports.blob, ports.queue, ports.table].map((port) =>
          answers(`http://127.0.0.1:${port}/${account.name}`, signal),
        ),
      );
    },
    startLimitMs: START_LIMIT_MS,
    stopLimitMs: 15_000,
    restartAfterMs: [],
  };
}

/** Computer Vision and Face, played by models on this machine. */
export function engine({
  ports,
  folder,
  workers,
  limitedAccess,
  engineKey,
  env,
}: ServicesOptions): ServiceSpec {
  return {
    name: 'engine',
    title: 'vision engine',
    script: script('../vision/main'),
    args: [
      ...['--port', String(ports.engine), '--data', folder.engine],
      ...['--workers', String(workers), '--limited-access', limitedAccess],
    ],
    env: { ...ENGINE_ENV, ...env, VISION_ENGINE_KEY: engineKey },
    ready: async (child, signal) => {
      await said(child, /vision engine listening on/);
      await answers(`http://127.0.0.1:${ports.engine}/`, signal);
    },
    startLimitMs: START_LIMIT_MS,
    stopLimitMs: 10_000,
    restartAfterMs: RESTART_AFTER_MS,
  };
}

/** The embedded Functions host over the very files that Azure loads. */
export function functionsHost({ ports, invisibilitySeconds, inspect, env }: ServicesOptions): ServiceSpec {
  return {
    name: 'host',
    title: 'Functions host',
    script: script('../host/main'),
    args: [
      ...['--app', PROJECT, '--http-port', String(ports.host)],
      ...['--visibility-timeout', String(invisibilitySeconds), '--grace', String(HOST_GRACE_MS)],
      ...TAKING_FILES.flatMap((one) => ['--file-path', one]),
      ...(SUFFIX === '.ts' ? ['--main', 'src/functions/*.ts'] : []),
    ],
    nodeArgs: [
      ...HOST_NODE_ARGS,
      ...(inspect === undefined ? [] : [`--inspect=127.0.0.1:${inspect}`, '--enable-source-maps']),
    ],
    env: { ...HOST_ENV, ...env },
    cwd: PROJECT,
    ready: async (child, signal) => {
      const functions = await child.message(functionsOf);
      const wrong = functions.filter((info) => info.error !== undefined);
      if (wrong.length > 0) {
        throw new Error(
          `has functions in error: ${wrong.map(({ name, error }) => `${name} (${error})`).join('; ')}`,
        );
      }
      if (functions.length === 0) throw new Error('found no functions: run "npm run build" and start again');
      await answers(`http://127.0.0.1:${ports.host}/`, signal);
    },
    startLimitMs: START_LIMIT_MS,
    stopLimitMs: HOST_GRACE_MS + 10_000,
    restartAfterMs: RESTART_AFTER_MS,
  };
}

const said = (child: Child, words: RegExp): Promise<void> => child.line((line) => words.test(line));

/** What the host sends once all its triggers run. */
function functionsOf(message: unknown): { name: string; error?: string }[] | undefined {
  const { type, functions } = Object(message) as { type?: unknown; functions?: unknown };
  return type === 'ready' && Array.isArray(functions) ? functions : undefined;
}
