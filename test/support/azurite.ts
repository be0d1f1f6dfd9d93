import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import type { Emulator, EmulatorOptions } from './running-emulator.ts';

/** The emulator's published account: the same in every Azurite, a secret of nobody. */
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const SERVICES = ['Blob', 'Queue', 'Table'] as const;
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;

/**
 * Azurite as a child process on loopback.
 *
 * @throws when it ends, or is not listening within a minute; the message carries its output
 */
export async function startAzurite(options: EmulatorOptions = {}): Promise<Emulator> {
  const { location, ports, tls } = options;
  const script = createRequire(import.meta.url).resolve('azurite/dist/src/azurite.js');
  const child = spawn(
    process.execPath,
    [
      script,
      ...['--disableTelemetry', '--skipApiVersionCheck', '--silent'],
      ...(location === undefined ? ['--inMemoryPersistence'] : ['--location', location]),
      ...(tls === undefined ? [] : ['--cert', tls.cert, '--key', tls.key, '--oauth', 'basic']),
      ...['--blobPort', String(ports?.blob ?? 0)],
      ...['--queuePort', String(ports?.queue ?? 0)],
      ...['--tablePort', String(ports?.table ?? 0)],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const killWithParent = () => child.kill('SIGKILL');
  process.once('exit', killWithParent);
  child.once('exit', () => process.off('exit', killWithParent));

  const [blob, queue, table] = await listeningPorts(child);
  return {
    connectionString: connectionTo({ blob, queue, table }),
    ports: { blob, queue, table },
    pid: child.pid ?? 0,
    stop: () => stop(child, location === undefined),
  };
}

function connectionTo({ blob, queue, table }: Emulator['ports']): string {
  const endpoint = (port: number) => `http://127.0.0.1:${port}/${ACCOUNT}`;
  return [
    'DefaultEndpointsProtocol=http',
    `AccountName=${ACCOUNT}`,
    `AccountKey=${KEY}`,
    `BlobEndpoint=${endpoint(blob)}`,
    `QueueEndpoint=${endpoint(queue)}`,
    `TableEndpoint=${endpoint(table)}`,
  ].join(';');
}

function listeningPorts(child: ChildProcess): Promise<[number, number, number]> {
  const { promise, resolve, reject } = Promise.withResolvers<[number, number, number]>();
  const output: string[] = [];
  const found = new Map<string, number>();
  const fail = (what: string) => {
    child.kill('SIGKILL');
    reject(new Error(`Azurite ${what}. Its output:\n${output.join('\n')}`));
  };
  const limit = setTimeout(fail, START_LIMIT_MS, `was not listening after ${START_LIMIT_MS / 1000} s`);
  child.once('error', (error) => fail(`could not be started (${error.message})`));
  const failAtExit = (code: number | null, signal: string | null) =>
    fail(`ended at once (code ${code}, signal ${signal})`);
  child.once('exit', failAtExit);

  const readLine = (line: string) => {
    if (found.size === SERVICES.length) return;
    output.push(line);
    const match = /(Blob|Queue|Table) service is successfully listening at \S+:(\d+)/.exec(line);
    if (match?.[1] !== undefined) found.set(match[1], Number(match[2]));
    const [blob, queue, table] = SERVICES.map((service) => found.get(service));
    if (blob === undefined || queue === undefined || table === undefined) return;
    clearTimeout(limit);
    child.off('exit', failAtExit);
    resolve([blob, queue, table]);
  };
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', readLine);
  }
  return promise;
}

/** In memory there is nothing to save; on disk it saves when it is told to end, unless a client keeps it from ending. */
async function stop(child: ChildProcess, inMemory: boolean): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  child.kill(inMemory ? 'SIGKILL' : 'SIGTERM');
  await ended;
  clearTimeout(limit);
}
