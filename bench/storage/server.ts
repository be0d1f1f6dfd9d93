import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { TableClient, TableServiceClient } from '@azure/data-tables';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { accountOf } from '../../test/local/storage/wire/account.ts';
import { WireClient } from '../../test/local/storage/wire/client.ts';
import { startAzurite } from '../../test/support/azurite.ts';
import { readProcess } from '../processes.ts';

const ACCOUNT = 'bench';
/** As the launcher starts it. */
const NODE_ARGS = ['--max-semi-space-size=2'];
const ENV = { MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: '8' };
const KEY = Buffer.alloc(64, 'k').toString('base64');

/** A storage service as a process of its own, and the SDKs' clients of it. */
export interface Server {
  readonly name: string;
  readonly startMs: number;
  readonly container: ContainerClient;
  readonly queue: QueueClient;
  readonly table: TableClient;
  /** Sends bare requests, without what SDKs do with them. */
  readonly wire: WireClient;
  cpuSeconds(): number;
  peakMb(): number;
  stop(): Promise<void>;
}

/** Our service as a process of its own. */
export interface Service {
  readonly connectionString: string;
  readonly pid: number;
  readonly startMs: number;
  stop(): Promise<void>;
}

export async function startService(folder: string): Promise<Service> {
  const started = performance.now();
  const main = fileURLToPath(new URL('../../dist/src/local/storage/main.js', import.meta.url));
  const child = spawn(process.execPath, [...NODE_ARGS, main, '--folder', folder], {
    env: { ...process.env, ...ENV, STORAGE_ACCOUNTS: `${ACCOUNT}:${KEY}` },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [blob = '', queue = '', table = ''] = await addresses(child);
  const startMs = performance.now() - started;
  return {
    ...{ startMs, pid: child.pid ?? 0 },
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};BlobEndpoint=${blob};QueueEndpoint=${queue};TableEndpoint=${table}`,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

export async function startOurs(folder: string): Promise<Server> {
  const { connectionString, pid, startMs, stop } = await startService(folder);
  return server('ours', connectionString, pid, startMs, stop);
}

async function addresses(child: ChildProcess): Promise<string[]> {
  if (child.stdout === null) throw new Error('The storage service has no output.');
  for await (const line of createInterface({ input: child.stdout })) {
    const found = line.match(/http:\/\/[^\s,]+/g);
    if (found?.length === 3) return found;
  }
  throw new Error('The storage service ended before it listened.');
}

export async function startAzuriteServer(folder: string): Promise<Server> {
  const started = performance.now();
  const azurite = await startAzurite({ location: folder });
  const startMs = performance.now() - started;
  return server('Azurite', azurite.connectionString, azurite.pid, startMs, () => azurite.stop());
}

async function server(
  name: string,
  connectionString: string,
  pid: number,
  startMs: number,
  stop: () => Promise<void>,
): Promise<Server> {
  const insecure = { allowInsecureConnection: true };
  const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient('bench');
  const queue = QueueServiceClient.fromConnectionString(connectionString).getQueueClient('bench');
  await container.createIfNotExists();
  await queue.createIfNotExists();
  await TableServiceClient.fromConnectionString(connectionString, insecure).createTable('bench');
  return {
    name,
    startMs,
    container,
    queue,
    stop,
    wire: new WireClient(accountOf(connectionString)),
    table: TableClient.fromConnectionString(connectionString, 'bench', insecure),
    cpuSeconds: () => readProcess(pid)?.cpuSeconds ?? Number.NaN,
    peakMb: () => readProcess(pid)?.peakMb ?? Number.NaN,
  };
}
