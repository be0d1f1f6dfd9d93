import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { FunctionInfo } from '../../../src/local/host/set-up.ts';

const MAIN = fileURLToPath(new URL('../../../src/local/host/main.ts', import.meta.url));
const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url));
const LIMIT_MS = 30_000;

/** What a fixture's handler told the test. */
interface Report {
  event: string;
  /** Milliseconds since the epoch. */
  at: number;
  // biome-ignore lint/suspicious/noExplicitAny: each fixture reports details of its own
  [detail: string]: any;
}

/** A line of the host's log. */
interface Line {
  level: string;
  category: string;
  function?: string;
  invocationId?: string;
  message: string;
}

export interface HostProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly functions: readonly FunctionInfo[];
  readonly reports: Report[];
  readonly lines: Line[];
  stderr(): string;
  /** The first `count` reports of an event, as soon as there are so many. */
  reported(event: string, count?: number): Promise<Report[]>;
  /** The first log line that fits. */
  logged(fits: (line: Line) => boolean): Promise<Line>;
  /** Lets a handler that waits for `go(name)` go on. */
  go(name: string, value?: unknown): void;
  /** Asks it to stop; its exit code. */
  stop(): Promise<number | null>;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Resolves with its exit code. */
  ended(): Promise<number | null>;
}

export interface StartOptions {
  /** Files, or a glob, under `fixtures`. */
  readonly main: string;
  readonly connectionString?: string;
  /** host.json entries under `extensions.queues`. */
  readonly queues?: Record<string, string | number>;
  readonly env?: Record<string, string>;
  readonly args?: readonly string[];
  /** `false`: does not wait until it is ready. */
  readonly ready?: boolean;
}

/** Expects something of what `ask` gives, sooner or later: a machine under load is slow, not wrong. */
export function eventually<Value>(ask: () => Value) {
  return expect.poll(ask, { timeout: LIMIT_MS, interval: 50 });
}

/** Resolves with the first value that is not undefined, asked for again whenever `source` emits `change`. */
async function until<Value>(
  source: EventEmitter,
  what: string,
  ask: () => Value | undefined,
): Promise<Value> {
  const signal = AbortSignal.timeout(LIMIT_MS);
  for (;;) {
    const value = ask();
    if (value !== undefined) return value;
    await once(source, 'change', { signal }).catch(() => {
      throw new Error(`Waited ${LIMIT_MS / 1000} s in vain for ${what}`);
    });
  }
}

/** Starts the host on fixtures, in a process of its own, as the launcher does. */
export async function startHost(options: StartOptions): Promise<HostProcess> {
  const { main, connectionString, queues = {}, env = {}, args = [], ready = true } = options;
  const overrides = Object.entries({
    messageEncoding: 'none',
    maxPollingInterval: '00:00:00.100',
    ...queues,
  });
  const child = fork(MAIN, ['--app', FIXTURES, '--main', main, '--visibility-timeout', '2', ...args], {
    env: {
      PATH: process.env.PATH,
      AzureFunctionsJobHost__logging__logLevel__default: 'Debug',
      ...(connectionString === undefined ? {} : { AzureWebJobsStorage: connectionString }),
      ...Object.fromEntries(
        overrides.map(([name, value]) => [
          `AzureFunctionsJobHost__extensions__queues__${name}`,
          String(value),
        ]),
      ),
      ...env,
    },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const killWithParent = () => child.kill('SIGKILL');
  process.once('exit', killWithParent);

  const changes = new EventEmitter();
  changes.setMaxListeners(0);
  const reports: Report[] = [];
  const lines: Line[] = [];
  let stderr = '';
  let rest = '';
  let started: { url: string; functions: FunctionInfo[] } | undefined;
  let exit: { code: number | null } | undefined;

  child.on('message', (message: { type: string }) => {
    if (message.type === 'ready') started = message as unknown as typeof started;
    if (message.type === 'fixture') reports.push(message as unknown as Report);
    changes.emit('change');
  });
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts.filter((part) => part.startsWith('{')).map((part) => JSON.parse(part)));
    changes.emit('change');
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // 'close' would do, but is never emitted after a disconnect.
  const drained = [child.stdout, child.stderr].map((stream) => stream && once(stream, 'end'));
  child.once('exit', async (code) => {
    process.off('exit', killWithParent);
    await Promise.all(drained);
    exit = { code };
    changes.emit('change');
  });
  const ended = async () => (await until(changes, 'the end of the host', () => exit)).code;

  if (ready) {
    await until(changes, 'the host to be ready', () => {
      if (exit !== undefined) throw new Error(`The host ended with code ${exit.code}: ${stderr}`);
      return started;
    });
  }
  return {
    child,
    url: started?.url ?? '',
    functions: started?.functions ?? [],
    reports,
    lines,
    stderr: () => stderr,
    reported: (event, count = 1) =>
      until(changes, `${count} reports of "${event}", got ${JSON.stringify(reports)}`, () => {
        const found = reports.filter((report) => report.event === event);
        return found.length >= count ? found : undefined;
      }),
    logged: (fits) => until(changes, 'a line of the log', () => lines.find(fits)),
    go: (name, value) => void child.send({ type: 'go', name, value }),
    async stop() {
      if (exit === undefined) child.send('shutdown');
      return await ended();
    },
    async kill() {
      child.kill('SIGKILL');
      await ended();
    },
    ended,
  };
}
