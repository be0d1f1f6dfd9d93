/**
 * The embedded Functions host as a process of its own.
 *
 *   node main.ts --app <folder> [--main <glob>] [--http-port <0>] [--visibility-timeout <seconds, 600>]
 *                [--max-polling-interval <ms>] [--grace <ms, 30000>] [--file-path <path>]...
 *
 * Once ready it prints its address and its functions as JSON; a parent with an IPC channel gets
 * `{ type: 'ready', url, functions }` instead. SIGTERM, SIGINT, the IPC message `shutdown` and the end of the parent
 * stop it gracefully. As on the platform, an unhandled rejection, a late throw and an invocation longer
 * than host.json's `functionTimeout` end the process (exit code 1): whoever started it starts it again.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createHost } from './host.ts';

// What it writes shows people: for the one who runs it only.
process.umask(0o077);

const { values } = parseArgs({
  options: {
    app: { type: 'string', default: '.' },
    main: { type: 'string' },
    'http-port': { type: 'string', default: '0' },
    'visibility-timeout': { type: 'string', default: '600' },
    'max-polling-interval': { type: 'string' },
    grace: { type: 'string', default: '30000' },
    'file-path': { type: 'string', multiple: true },
  },
});

function whole(flag: Exclude<keyof typeof values, 'file-path'>, min: number, max: number): number {
  const number = Number(values[flag]);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  return fail(`--${flag} must be a whole number from ${min} to ${max}, not "${values[flag]}"`);
}

function fail(what: string, error?: unknown): never {
  const detail = error instanceof Error ? (error.stack ?? error.message) : error;
  process.stderr.write(`functions host: ${what}${detail === undefined ? '' : `: ${detail}`}\n`);
  process.exit(1);
}

process.on('unhandledRejection', (reason) => fail('an unhandled rejection ends the process', reason));
process.on('uncaughtException', (error) => fail('an uncaught exception ends the process', error));

const host = createHost({
  appDirectory: path.resolve(values.app),
  ...(values.main === undefined ? {} : { main: values.main }),
  env: process.env,
  options: {
    httpPort: whole('http-port', 0, 65_535),
    invisibilitySeconds: whole('visibility-timeout', 1, 604_800),
    graceMs: whole('grace', 0, 3_600_000),
    prettyLog: process.stdout.isTTY,
    ...(values['file-path'] && { filePaths: values['file-path'] }),
    onTimeout: (name) =>
      fail(`function ${name} ran longer than host.json's functionTimeout, which ends the process`),
    ...(values['max-polling-interval'] === undefined
      ? {}
      : { maxPollingInterval: whole('max-polling-interval', 100, 3_600_000) }),
  },
});

async function shutDown(): Promise<never> {
  await host.stop().catch((error) => fail('stopping failed', error));
  process.exit(0);
}
process.once('SIGTERM', shutDown);
process.once('SIGINT', shutDown);
process.once('disconnect', shutDown);
process.on('message', (message) => {
  const type =
    typeof message === 'object' && message !== null ? (message as { type?: unknown }).type : message;
  if (type === 'shutdown') void shutDown();
});

await host.start().catch((error) => fail('it could not start', error));
// Bound to loopback: the app may let in whoever reaches this port. See `api/platform.ts`.
process.env.IMAGINEM_LOOPBACK_PORT = new URL(host.url ?? '').port;
const ready = { url: host.url, functions: host.functions() };
if (process.send === undefined) {
  process.stdout.write(`functions host ready on ${ready.url}\n${JSON.stringify(ready.functions)}\n`);
} else {
  process.send({ type: 'ready', ...ready });
}
