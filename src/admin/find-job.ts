import type { Job } from '../domain/job.ts';
import { batchOf, jobIdOf } from '../domain/job-id.ts';
import type { Journal } from '../pipeline/journal/journal.ts';
import type { JobSource } from '../pipeline/journal/journal-row.ts';
import type { StorageAccount } from '../storage/account.ts';
import type { BlobEntry } from '../storage/blobs.ts';
import { containers } from '../storage/names.ts';

/** What a person's word for an image turned out to be. */
export type Found =
  | { kind: 'job'; job: Job }
  /** In the container, without a job that is under way. */
  | { kind: 'blob'; name: string; id: string; batch: string; since: Date }
  /** Nothing; names that end alike. */
  | { kind: 'nothing'; similar: string[] };

const MAX_SIMILAR = 5;

/**
 * Finds the job a person means: by job id, blob name, or address. Of several versions of one blob the one that is in
 * the container now, else the one that came last.
 */
export async function findJob(
  asked: string,
  { storage, journal }: { storage: StorageAccount; journal: Journal },
): Promise<Found> {
  const batch = await journal.batchOf(asked);
  const byId = batch === undefined ? undefined : await journal.read(batch, asked);
  if (byId) return { kind: 'job', job: byId.job };
  const name = storage.blobs.nameIn(containers.input, asked) ?? asked;
  const { blob, similar } = await look(storage, name);
  if (blob) {
    const id = jobIdOf(containers.input, name, blob.etag);
    const entry = await journal.read(batchOf(name), id);
    if (entry?.job.sent) return { kind: 'job', job: entry.job };
    const other = await newest(journal, { name }, ({ source }) => source.etag === blob.etag);
    if (other) return { kind: 'job', job: other };
    return { kind: 'blob', name, id, batch: batchOf(name), since: blob.createdAt };
  }
  // Its blob is gone, its address is foreign, or it was posted by hand.
  const job = (await newest(journal, { name })) ?? (await newest(journal, { imageUrl: asked }));
  return job ? { kind: 'job', job } : { kind: 'nothing', similar };
}

/** The blob of that very name, or else those whose names end in it. */
async function look(storage: StorageAccount, name: string): Promise<{ blob?: BlobEntry; similar: string[] }> {
  const prefix = name.slice(0, name.lastIndexOf('/') + 1);
  for await (const blob of storage.blobs.list(containers.input, name)) {
    if (blob.name === name) return { blob, similar: [] };
    // In name order, the name itself comes first.
    break;
  }
  const similar: string[] = [];
  const file = name.slice(prefix.length).toLowerCase();
  for await (const blob of storage.blobs.list(containers.input)) {
    if (file !== '' && blob.name.toLowerCase().split('/').at(-1)?.startsWith(file)) similar.push(blob.name);
    if (similar.length === MAX_SIMILAR) break;
  }
  return { similar };
}

/** The job of a picture that came last, of those that fit. */
async function newest(
  journal: Journal,
  where: { name: string } | { imageUrl: string },
  fits: (job: JobSource) => boolean = () => true,
): Promise<Job | undefined> {
  let found: JobSource | undefined;
  for await (const job of journal.sources(where)) {
    if (fits(job) && (!found || job.admittedAt > found.admittedAt)) found = job;
  }
  return found && (await journal.read(found.batchId, found.id))?.job;
}
