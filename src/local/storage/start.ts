import type { Server } from 'node:http';
import path from 'node:path';
import { type Account, keyRing } from './auth/account.ts';
import { authorize } from './auth/authorize.ts';
import { policiesOf } from './auth/policies.ts';
import { blobService } from './blob/service.ts';
import { openBlobStore } from './blob/store.ts';
import type { Call, ServiceName } from './http/call.ts';
import { closeServer, createStorageServer, listen } from './http/server.ts';
import { Messages } from './queue/messages.ts';
import { queueService } from './queue/service.ts';
import { DiskSpace } from './state/disk-space.ts';
import type { StoragePoint } from './state/group-commit.ts';
import { openState } from './state/open.ts';
import { openSweeper } from './sweep.ts';
import { tableService } from './table/service.ts';

type StoragePorts = Readonly<Record<ServiceName, number>>;

export interface StorageOptions {
  /** Holds the database and the contents of blobs; made when absent. */
  readonly folder: string;
  readonly accounts: readonly Account[];
  /** Loopback unless said otherwise. */
  readonly host?: string;
  /** 0, or absent: a free one. */
  readonly ports?: Partial<StoragePorts>;
  readonly clock?: () => number;
  /** Called at the moments that a power cut is of interest at; see {@link StoragePoint}. */
  readonly at?: (point: StoragePoint) => void;
  /** Called once where the disk failed to keep what was written: from then on everything is refused, and this must end. */
  readonly onLost?: (error: unknown) => void;
  /** Told of what should not have happened, in words without names or contents. */
  readonly onUnexpected?: (error: unknown, what: string) => void;
}

export interface RunningStorage {
  /** Addresses of the first account, without a slash at the end. */
  readonly blobUrl: string;
  readonly queueUrl: string;
  readonly tableUrl: string;
  readonly ports: StoragePorts;
  /** Of the first account. */
  readonly connectionString: string;
  /** Answers what is under way, then ends; safe to repeat. */
  close(): Promise<void>;
}

/**
 * The storage service: blob, queue and table endpoints on loopback over one folder.
 *
 * @throws {Error} in a sentence, of a folder that cannot be used or a port that is taken; with nothing left open
 */
export async function startStorage(options: StorageOptions): Promise<RunningStorage> {
  const { folder, accounts, host = '127.0.0.1', clock = Date.now, at, onLost } = options;
  const ring = keyRing(accounts);
  const state = openState(path.resolve(folder), { clock, ...(at && { at }), ...(onLost && { onLost }) });
  const policies = policiesOf(state);
  const permit = (call: Call) => authorize(call, ring, policies);
  const blobs = openBlobStore(state, permit);
  const messages = new Messages(state);
  const sweeper = openSweeper(state, blobs, messages, clock);
  const handlers = {
    blob: blobService(blobs),
    queue: queueService(state, messages),
    table: tableService(state),
  };
  const onUnexpected = options.onUnexpected ?? (() => {});
  const space = new DiskSpace(state.folder);
  const shared = { authorize: permit, clock, onUnexpected, space };
  const servers: Server[] = [];
  let orphans: Promise<void> | undefined;
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= Promise.all(servers.map(closeServer))
      .then(() => sweeper.stop())
      .then(() => orphans)
      .then(() => state.close());
    return closing;
  };
  try {
    const ports: Record<ServiceName, number> = { blob: 0, queue: 0, table: 0 };
    for (const service of ['blob', 'queue', 'table'] as const) {
      const server = createStorageServer({ ...shared, service, handle: handlers[service] });
      ports[service] = await listen(server, host, options.ports?.[service] ?? 0);
      servers.push(server);
    }
    // Behind the first answers: how much a crash left behind must not hold up the start.
    orphans = blobs.contents
      .sweepOrphans()
      .then(() => {})
      .catch((error: unknown) => onUnexpected(error, 'sweep'));
    sweeper.wake();
    const [account] = accounts;
    const url = (service: ServiceName): string => `http://${host}:${ports[service]}/${account?.name}`;
    return {
      blobUrl: url('blob'),
      queueUrl: url('queue'),
      tableUrl: url('table'),
      ports,
      connectionString: [
        'DefaultEndpointsProtocol=http',
        `AccountName=${account?.name}`,
        `AccountKey=${account?.keys[0]}`,
        `BlobEndpoint=${url('blob')}`,
        `QueueEndpoint=${url('queue')}`,
        `TableEndpoint=${url('table')}`,
      ].join(';'),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
