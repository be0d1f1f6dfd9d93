import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock, Random } from '../../domain/ports.ts';
import { provideCoreModule } from './app/core-module.ts';
import { runAppHooks, runLogHooks } from './app/hooks.ts';
import { createInvoke } from './app/invoke.ts';
import { loadApp } from './app/load.ts';
import { createAppRegistry } from './app/registry.ts';
import { startWorker } from './app/start-worker.ts';
import { type Env, type HostJson, parseHostJson, readHostJson } from './host-json.ts';
import { type HttpServer, serveHttp } from './http/server.ts';
import { createLog } from './log.ts';
import { type FunctionInfo, setUpFunctions } from './set-up.ts';

/** What the platform receives messages with: ten minutes. */
const DEFAULT_INVISIBILITY_SECONDS = 600;
const DEFAULT_GRACE_MS = 30_000;

interface HostOptions {
  /** Folder of host.json and package.json. */
  readonly appDirectory: string;
  /** Glob of the function files, relative to `appDirectory`; package.json's `main` when absent. */
  readonly main?: string;
  /** App settings. The app's own code reads `process.env`, so this should be that, or part of it. */
  readonly env: Env;
  /** Content of host.json, in place of the file's. */
  readonly hostJson?: unknown;
  readonly options?: {
    /** 0, or absent, for a free one. */
    readonly httpPort?: number;
    /** Seconds for which received messages are invisible, at least 1; renewed while their handler runs. */
    readonly invisibilitySeconds?: number;
    /** Milliseconds; over host.json's `maxPollingInterval`. */
    readonly maxPollingInterval?: number;
    /** Milliseconds for which `stop` lets running invocations end. */
    readonly graceMs?: number;
    /** Log lines as for a terminal, instead of JSON. */
    readonly prettyLog?: boolean;
    /** An invocation ran longer than host.json's `functionTimeout`; the platform then ends the process. */
    readonly onTimeout?: (functionName: string) => void;
    /** Paths of the app that take files; on others a body is at most 1 MiB. Every path may where this is absent. */
    readonly filePaths?: readonly string[];
    readonly writeLog?: (line: string) => void;
    readonly clock?: Clock;
    readonly random?: Random;
  };
}

interface Host {
  /**
   * Loads the app and starts its triggers.
   *
   * @throws on a host.json, package.json or load error, on a taken port, and when this process has had a host before
   */
  start(): Promise<void>;
  /** Stops polling, lets running invocations end, runs the `appTerminate` hooks. Safe to repeat. */
  stop(): Promise<void>;
  /** The app's functions; one with an `error` is not running. Empty before `start`. */
  functions(): readonly FunctionInfo[];
  /** Base address of the HTTP functions, without a slash at its end; undefined before `start`. */
  readonly url: string | undefined;
}

/** The embedded Functions host: runs the files that Azure Functions loads, with the behaviour they have there. */
export function createHost({ appDirectory, main, env, hostJson, options = {} }: HostOptions): Host {
  const { clock = Date.now, random = Math.random, graceMs = DEFAULT_GRACE_MS } = options;
  const writeLog = options.writeLog ?? ((line) => process.stdout.write(`${line}\n`));
  let functions: readonly FunctionInfo[] = [];
  let http: HttpServer | undefined;
  let stop: (() => Promise<void>) | undefined;
  let stopping: Promise<void> | undefined;

  async function start(): Promise<void> {
    const settings = await hostSettings();
    const log = createLog({ level: settings.logLevel, pretty: options.prettyLog ?? false, write: writeLog });
    const registry = createAppRegistry((level, category, message) =>
      log.write(runLogHooks(registry, { level, category, message })),
    );
    provideCoreModule(registry.coreApi);
    await loadApp(appDirectory, main ?? (await mainOf(appDirectory)), registry, log);
    const started = await startWorker(() => runAppHooks(registry, 'appStart', appDirectory), log);
    // Asking for the capabilities also locks `app.setup`.
    const capabilities = (await registry.programmingModel()?.getCapabilities?.({})) ?? {};
    registry.lock();

    const invoke = createInvoke(registry, log, {
      functionTimeout: settings.functionTimeout,
      onTimeout: options.onTimeout ?? (() => {}),
    });
    const invisibilitySeconds = options.invisibilitySeconds ?? DEFAULT_INVISIBILITY_SECONDS;
    const setUp = await setUpFunctions(started ? registry.functions() : [], {
      env,
      log,
      invoke,
      clock,
      random,
      invisibilitySeconds,
      queues: settings.queues,
      routePrefix: settings.routePrefix,
    });
    functions = setUp.functions;
    const server = await serveHttp({
      log,
      invoke,
      functions: setUp.httpFunctions,
      port: options.httpPort ?? 0,
      streamProxy: capabilities.HttpUri,
      ...(options.filePaths && {
        bodies: { filePaths: options.filePaths },
      }),
      homepage: env.AzureWebJobsDisableHomepage?.toLowerCase() !== 'true',
    });
    http = server;
    for (const trigger of setUp.triggers) trigger.start();

    stop = async () => {
      const ended = Promise.all([server.stop(), ...setUp.triggers.map((trigger) => trigger.stop())]);
      const grace = Promise.withResolvers<'late'>();
      const timer = setTimeout(grace.resolve, graceMs, 'late');
      const late = (await Promise.race([ended, grace.promise])) === 'late';
      clearTimeout(timer);
      if (late) log.system('warning', `Invocations were still running after ${graceMs} ms: left behind.`);
      server.abort();
      await runAppHooks(registry, 'appTerminate', appDirectory);
    };
  }

  async function hostSettings(): Promise<HostJson> {
    const read = await (hostJson === undefined
      ? readHostJson(appDirectory, env)
      : parseHostJson(hostJson, env));
    const { maxPollingInterval = read.queues.maxPollingInterval } = options;
    return { ...read, queues: { ...read.queues, maxPollingInterval } };
  }

  return {
    start,
    async stop() {
      stopping ??= stop?.();
      await stopping;
    },
    functions: () => functions,
    get url() {
      return http?.url;
    },
  };
}

async function mainOf(appDirectory: string): Promise<string> {
  const { main } = JSON.parse(await readFile(path.join(appDirectory, 'package.json'), 'utf8'));
  if (typeof main === 'string') return main;
  throw new Error('package.json has no "main": it names, as a glob, the files that register functions.');
}
