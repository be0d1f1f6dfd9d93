import { silentLog } from '../domain/ports.ts';
import type { Settings } from '../domain/settings.ts';
import type { Registry } from '../pipeline/definition/registry.ts';
import type { Journal } from '../pipeline/journal/journal.ts';
import { retractAll } from '../pipeline/journal/retract.ts';
import type { ClaimCheck } from '../pipeline/message/claim-check.ts';
import type { ResultStore } from '../results/store.ts';
import type { StorageAccount } from '../storage/account.ts';
import { allQueues, containers, tables } from '../storage/names.ts';
import type { Audited } from './audited.ts';

interface Cleared {
  queues: number;
  blobs: number;
  rows: number;
  results: number;
  /** Images whose outside effects (enrolled faces) could not be taken back, and why. */
  left: { images: number; why: unknown };
}

/**
 * Rows that stay. The registry of face lists says which lists of the Face service are ours: without it nobody would
 * ever empty them. Pauses are what people decided, not what the pipeline made; tombstones and receipts are proof.
 */
const STAYING: readonly string[] = [tables.pauses, tables.tombstones, tables.erasures, tables.recognition];

const INDEXES: readonly string[] = [tables.faceIndex, tables.faceIndexR03, tables.faceIndexI02];

const isKept = (table: string, partition: string): boolean =>
  STAYING.includes(table) || (INDEXES.includes(table) && !/^(job|list):/.test(partition));

interface ClearDeps extends Audited {
  storage: StorageAccount;
  journal: Journal;
  claimCheck: ClaimCheck;
  registry: Registry;
  settings: Settings;
  results(): Promise<Pick<ResultStore, 'batches' | 'clear'>>;
}

/**
 * Empties an instance: queues, images and what was made of them, the journal, the indexes, the results. The images go
 * first, so that nobody admits them again, and the queues once more at the end, for what was under way. Who did it is written down first, in the audit, which stays.
 */
export async function clear(
  who: string,
  app: ClearDeps,
  signal: AbortSignal,
  begun: () => void = () => {},
): Promise<Cleared> {
  const results = await app.results();
  const images = (await results.batches()).reduce((sum, batch) => sum + batch.images, 0);
  await app.audit.record({ who, action: 'instance.cleared', detail: { images } });
  begun();
  const cleared: Cleared = { queues: 0, blobs: 0, rows: 0, results: 0, left: { images: 0, why: undefined } };
  const queues = allQueues(app.registry.names);
  const emptyQueues = () => Promise.all(queues.map((queue) => app.storage.queues.clear(queue)));
  const removed = (what: 'blobs' | 'rows') => {
    signal.throwIfAborted();
    cleared[what] += 1;
  };
  await emptyQueues();
  const emptyContainer = async (container: string) => {
    for await (const { name } of app.storage.blobs.list(container)) {
      await app.storage.blobs.delete(container, name);
      removed('blobs');
    }
  };
  await emptyContainer(containers.input);
  await retractEverything(app, cleared, signal);
  for (const container of Object.values(containers)) await emptyContainer(container);
  for (const name of Object.values(tables)) {
    const table = app.storage.tables.table(name);
    for await (const { partitionKey, rowKey } of table.list({ select: [] })) {
      if (isKept(name, partitionKey)) continue;
      await table.delete(partitionKey, rowKey);
      removed('rows');
    }
  }
  cleared.results = await results.clear();
  await emptyQueues();
  cleared.queues = queues.length;
  return cleared;
}

/** What steps left outside the journal goes by their own hand, where they can. */
async function retractEverything(app: ClearDeps, cleared: Cleared, signal: AbortSignal): Promise<void> {
  for await (const job of app.journal.jobs()) {
    let isLeft = false;
    await retractAll(
      { ...job, parameters: undefined },
      (step) => app.claimCheck.resolve(job.steps[step]?.output),
      app,
      {
        log: silentLog,
        signal,
        mayStay: (error) => {
          signal.throwIfAborted();
          isLeft = true;
          cleared.left.why = error;
          return true;
        },
      },
    );
    if (isLeft) cleared.left.images += 1;
  }
}
