import { isFinished, type Job, nextStep } from '../domain/job.ts';
import { batchOf, jobIdOf } from '../domain/job-id.ts';
import { besideSystemFolder, isSystemFile } from '../domain/system-files.ts';
import type { DeadLetters } from '../pipeline/journal/dead-letters.ts';
import type { Journal } from '../pipeline/journal/journal.ts';
import type { StorageAccount } from '../storage/account.ts';
import { containers } from '../storage/names.ts';
import { passedOver } from '../storage/passed-over.ts';

/** Where the images of a batch stand. */
export interface BatchStatus {
  batch: string;
  /** In the container, not yet admitted. */
  waiting: number;
  /** Blobs of no bytes that stand for a folder: passed over. */
  folderMarkers: number;
  /** What systems keep beside photographs (`@eaDir`, `._*`): passed over. */
  systemFiles: number;
  /** Under way, by the step that is next. */
  running: Record<string, number>;
  /** Put back after an error, to be tried again: by step and code. Counted in `running` as well. */
  retrying: Record<string, number>;
  /** Finished, by status. */
  finished: Record<string, number>;
  /** Finished images whose step failed, by step and code; rejected ones by code. */
  failures: Record<string, number>;
  /** Messages that could not be worked on, by queue and code. */
  dead: Record<string, number>;
}

interface BatchStatusDeps {
  storage: StorageAccount;
  journal: Journal;
  deadLetters: DeadLetters;
}

const add = (counts: Record<string, number>, key: string): void => {
  counts[key] = (counts[key] ?? 0) + 1;
};

/**
 * Counts from the container, the journal and the dead letters; how finished images ended is the journal's word, too,
 * so that it can be told while the database is away.
 *
 * @param only one batch; all where absent
 */
export async function batchStatuses(
  { storage, journal, deadLetters }: BatchStatusDeps,
  only?: string,
): Promise<BatchStatus[]> {
  const statuses = new Map<string, BatchStatus>();
  const of = (batch: string): BatchStatus => {
    const known = statuses.get(batch);
    if (known) return known;
    const empty = {
      waiting: 0,
      folderMarkers: 0,
      systemFiles: 0,
      running: {},
      retrying: {},
      finished: {},
      failures: {},
      dead: {},
    };
    const made: BatchStatus = { batch, ...empty };
    statuses.set(batch, made);
    return made;
  };
  const admitted = new Set<string>();
  for await (const job of journal.jobs(only)) {
    if (job.sent) admitted.add(job.id);
    countJob(job, of(job.batchId));
  }
  for await (const { name, etag, bytes } of storage.blobs.list(
    containers.input,
    only === undefined ? '' : prefix(only),
  )) {
    // A row for each folder of thumbnails would hide the batches.
    const batch = batchOf(isSystemFile(name) ? besideSystemFolder(name) : name);
    if (only !== undefined && batch !== only) continue;
    if (admitted.has(jobIdOf(containers.input, name, etag))) continue;
    const kind = await passedOver(storage.blobs, containers.input, { name, bytes });
    if (kind === 'folder-marker') of(batch).folderMarkers += 1;
    else if (kind === 'system-file') of(batch).systemFiles += 1;
    else of(batch).waiting += 1;
  }
  for await (const { queue, error, batchId } of deadLetters.list()) {
    const batch = batchId ?? '(no batch)';
    if (only === undefined || batch === only) add(of(batch).dead, `${queue} ${error.code}`);
  }
  return [...statuses.values()].sort((one, other) => (one.batch < other.batch ? -1 : 1));
}

const prefix = (batch: string): string => (batch === 'default' ? '' : `${batch}/`);

function countJob(job: Job, status: BatchStatus): void {
  // A job whose first message is not sent is admitted again from its blob, and counted there.
  if (!job.sent) return;
  if (isFinished(job)) {
    const states = job.pipeline.map((step) => ({ step, record: job.steps[step] }));
    const wrong = states.filter(({ record }) => record?.state === 'failed' || record?.state === 'skipped');
    add(status.finished, job.end?.kind ?? (wrong.length > 0 ? 'partial' : 'done'));
    if (job.end) add(status.failures, `${job.end.kind} ${job.end.reason.code}`);
    for (const { step, record } of wrong) {
      if (!job.end && record?.state === 'failed')
        add(status.failures, `${step} ${record.error?.code ?? 'failed'}`);
    }
    return;
  }
  const step = nextStep(job);
  add(status.running, step);
  const record = job.steps[step];
  if (record?.state === 'waiting') add(status.retrying, `${step} ${record.error?.code ?? 'unknown'}`);
}
