import { isFinished, type Job, nextStep } from '../../domain/job.ts';
import { batchOf, jobIdOf } from '../../domain/job-id.ts';
import { ManyIds } from '../../domain/many-ids.ts';
import { besideSystemFolder, isSystemFile } from '../../domain/system-files.ts';
import type { Registry } from '../../pipeline/definition/registry.ts';
import type { Journal } from '../../pipeline/journal/journal.ts';
import type { StorageAccount } from '../../storage/account.ts';
import { containers } from '../../storage/names.ts';
import { passedOver } from '../../storage/passed-over.ts';

/**
 * Blobs that are listed at once: fewer than of who lists every five minutes, where each request is paid for. Reading twice as many
 * out of the XML keeps this process from all else for twice as long, and no blob costs less.
 */
const LISTED_AT_ONCE = 200;

/** How many, by what. */
export type Tally = Record<string, number>;

/** Where the images of a batch stand, as far as container and journal tell it. */
export interface BatchLook {
  /** In the container, not yet admitted. */
  waiting: number;
  /** Blobs of no bytes that stand for a folder: passed over. */
  folderMarkers: number;
  /** What systems keep beside photographs (`@eaDir`, `._*`): passed over. */
  systemFiles: number;
  /** Under way, by the step that is next. */
  running: Tally;
  /** Put back after an error, to be tried again: by step and code. Counted in `running` as well. */
  retrying: Tally;
  /** Finished, by status. */
  finished: Tally;
  /** Finished images whose step failed, by step and code; rejected ones by code. */
  failures: Tally;
}

/** What a look through journal and container found. */
export interface JournalLook {
  batches: Map<string, BatchLook>;
  /** By step: images that were put back, and when the first of them is tried again (ISO 8601). */
  delayed: Map<string, { images: number; next: string }>;
  /** Images under way, by their pipeline: steps with commas between them. */
  pipelines: Map<string, number>;
}

export interface LookDeps {
  storage: StorageAccount;
  journal: Journal;
  registry: Registry;
}

interface Bounds {
  /** One batch; all where absent. */
  batch?: string | undefined;
  /** Of more jobs or more blobs than this nothing is told; no limit where absent. */
  most?: number;
  /** Whether the container is looked at, too. */
  blobs?: boolean;
  signal?: AbortSignal;
}

export const add = (tally: Tally, key: string, count = 1): void => {
  tally[key] = (tally[key] ?? 0) + count;
};

export const noLook = (): BatchLook => ({
  ...{ waiting: 0, folderMarkers: 0, systemFiles: 0 },
  ...{ running: {}, retrying: {}, finished: {}, failures: {} },
});

/**
 * Goes through the journal, and the container where that is asked for: it costs what there is in them.
 *
 * @returns undefined where there is more than `most`
 */
export async function lookAt(
  { storage, journal, registry }: LookDeps,
  { batch: only, most = Number.POSITIVE_INFINITY, blobs = true, signal }: Bounds,
): Promise<JournalLook | undefined> {
  const look: JournalLook = { batches: new Map(), delayed: new Map(), pipelines: new Map() };
  const of = (batch: string): BatchLook => {
    const known = look.batches.get(batch) ?? noLook();
    look.batches.set(batch, known);
    return known;
  };
  const admitted = new ManyIds();
  let jobs = 0;
  for await (const job of journal.standings(registry.names, only)) {
    signal?.throwIfAborted();
    jobs += 1;
    if (jobs > most) return undefined;
    if (blobs && job.sent) admitted.add(job.id);
    countJob(job, look, of(job.batchId));
  }
  if (!blobs) return look;
  let seen = 0;
  for await (const { name, etag, bytes } of storage.blobs.list(
    containers.input,
    only === undefined || only === 'default' ? '' : `${only}/`,
    LISTED_AT_ONCE,
  )) {
    signal?.throwIfAborted();
    seen += 1;
    if (seen > most) return undefined;
    // A row for each folder of thumbnails would hide the batches.
    const batch = batchOf(isSystemFile(name) ? besideSystemFolder(name) : name);
    if (only !== undefined && batch !== only) continue;
    if (admitted.has(jobIdOf(containers.input, name, etag))) continue;
    const kind = await passedOver(storage.blobs, containers.input, { name, bytes });
    if (kind === 'folder-marker') of(batch).folderMarkers += 1;
    else if (kind === 'system-file') of(batch).systemFiles += 1;
    else of(batch).waiting += 1;
  }
  return look;
}

function countJob(job: Job, { delayed, pipelines }: JournalLook, batch: BatchLook): void {
  for (const [step, { state, run, nextAt }] of Object.entries(job.steps)) {
    if (state !== 'waiting' || run !== job.run || nextAt === undefined) continue;
    const { images, next } = delayed.get(step) ?? { images: 0, next: nextAt };
    delayed.set(step, { images: images + 1, next: next < nextAt ? next : nextAt });
  }
  const isOver = isFinished(job);
  const pipeline = job.pipeline.join(',');
  if (!isOver) pipelines.set(pipeline, (pipelines.get(pipeline) ?? 0) + 1);
  // A job whose first message is not sent is admitted again from its blob, and counted there.
  if (!job.sent) return;
  if (isOver) {
    const states = job.pipeline.map((step) => ({ step, record: job.steps[step] }));
    const wrong = states.filter(({ record }) => record?.state === 'failed' || record?.state === 'skipped');
    add(batch.finished, job.end?.kind ?? (wrong.length > 0 ? 'partial' : 'done'));
    if (job.end) add(batch.failures, `${job.end.kind} ${job.end.reason.code}`);
    for (const { step, record } of wrong) {
      if (!job.end && record?.state === 'failed')
        add(batch.failures, `${step} ${record.error?.code ?? 'failed'}`);
    }
    return;
  }
  const step = nextStep(job);
  add(batch.running, step);
  const record = job.steps[step];
  if (record?.state === 'waiting') add(batch.retrying, `${step} ${record.error?.code ?? 'unknown'}`);
}
