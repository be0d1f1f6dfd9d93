import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Emulator, EmulatorOptions } from './running-emulator.ts';

const SCRIPT = fileURLToPath(new URL('../../src/local/storage/main.ts', import.meta.url));
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;

/** As in the app's own instances; the key is this run's. */
const ACCOUNT = 'imaginem';
/** One for all of a run: a folder that is opened again is opened by the same key. */
const KEY = randomBytes(64).toString('base64');

/** Our own storage service as a child process, as `npm start` runs it. @throws when it does not come up */
export async function startOwnStorage({ location, ports }: Omit<EmulatorOptions, 'tls'>): Promise<Emulator> {
  const folder = location ?? (await mkdtemp(join(tmpdir(), 'imaginem-storage-')));
  const child = spawn(
    process.execPath,
    [
      ...[SCRIPT, '--folder', folder],
      ...['--blob-port', String(ports?.blob ?? 0)],
      ...['--queue-port', String(ports?.queue ?? 0)],
      ...['--table-port', String(ports?.table ?? 0)],
    ],
    {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, STORAGE_ACCOUNTS: `${ACCOUNT}:${KEY}` },
    },
  );
  const killWithParent = () => child.kill('SIGKILL');
  process.once('exit', killWithParent);
  child.once('exit', () => process.off('exit', killWithParent));
  const taken = await readyPorts(child);
  const endpoint = (port: number) => `http://127.0.0.1:${port}/${ACCOUNT}`;
  return {
    ports: taken,
    pid: child.pid ?? 0,
    connectionString: [
      'DefaultEndpointsProtocol=http',
      `AccountName=${ACCOUNT}`,
      `AccountKey=${KEY}`,
      `BlobEndpoint=${endpoint(taken.blob)}`,
      `QueueEndpoint=${endpoint(taken.queue)}`,
      `TableEndpoint=${endpoint(taken.table)}`,
    ].join(';'),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
        child.kill(location === undefined ? 'SIGKILL' : 'SIGTERM');
        await ended;
        clearTimeout(limit);
      }
      if (location === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

async function readyPorts(child: ChildProcess): Promise<Emulator['ports']> {
  let output = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
  const message = await Promise.race([once(child, 'message').then(([said]) => said), once(child, 'exit')]);
  clearTimeout(limit);
  const { ports } = Object(message) as { ports?: Emulator['ports'] };
  if (!ports) throw new Error(`The storage service did not come up. Its output:\n${output}`);
  return ports;
}
