import { jobKey } from '../../domain/job-id.ts';
import type { Log } from '../../domain/ports.ts';
import type { Settings } from '../../domain/settings.ts';
import type { StorageAccount } from '../../storage/account.ts';
import type { Blobs } from '../../storage/blobs.ts';
import { containers } from '../../storage/names.ts';
import type { Registry } from '../definition/registry.ts';
import type { Journal } from './journal.ts';
import { retractAll } from './retract.ts';

export interface RemoveJobDeps {
  storage: StorageAccount;
  journal: Journal;
  registry: Registry;
  settings: Settings;
}

/** Where a job's own blobs are: container and first part of their names. */
export const blobPrefixes = (jobId: string) =>
  [
    [containers.faces, `${jobKey(jobId)}/`],
    [containers.largeMessages, `${jobKey(jobId)}/`],
    [containers.renditions, `${jobKey(jobId)}.`],
  ] as const;

/**
 * Deletes what can be found by a job's id alone: what its steps take back, its blobs, its journal row. For a job that
 * is erased, by whoever may have written some of it since. Safe to repeat.
 */
export async function removeJob(
  job: { id: string; batchId: string },
  deps: RemoveJobDeps,
  context: { log: Log; signal: AbortSignal },
): Promise<void> {
  const { storage, journal } = deps;
  const about = { ...job, run: 0, pipeline: [], parameters: undefined };
  await retractAll(about, async () => undefined, deps, context);
  for (const [container, prefix] of blobPrefixes(job.id))
    await deletePrefix(storage.blobs, container, prefix);
  await journal.links.remove(job.id, { toIt: false });
  await journal.remove(job.batchId, job.id);
}

export async function deletePrefix(blobs: Blobs, container: string, prefix: string): Promise<void> {
  for await (const { name } of blobs.list(container, prefix)) await blobs.delete(container, name);
}
