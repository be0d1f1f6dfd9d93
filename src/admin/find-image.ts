import { jobIdOf } from '../domain/job-id.ts';
import type { Journal } from '../pipeline/journal/journal.ts';
import type { JobSource } from '../pipeline/journal/journal-row.ts';
import type { ResultStore } from '../results/store.ts';
import type { StorageAccount } from '../storage/account.ts';
import type { BlobEntry } from '../storage/blobs.ts';
import { inputNameOf } from '../storage/input-name.ts';
import { containers } from '../storage/names.ts';
import { nearImages, rowNamed } from './near-images.ts';

/** What a person's word for an image turned out to be. */
export type FoundImage =
  | {
      kind: 'image';
      /** Id of its job, or of the job it will be: of several versions the one that stands. */
      id: string;
      /** Its name in the container, or the address of an image elsewhere; its id where nothing else is known. */
      name: string;
      /** Whether an id was given: then that one version is meant, else every version of that name. */
      byId: boolean;
      /** When it came into the container; absent where it is not there. */
      since?: Date;
    }
  /** A file name that several images have. */
  | { kind: 'several'; names: string[] }
  /** Nothing; names like it, and whether there are so many names that not all were compared. */
  | { kind: 'nothing'; near: string[]; partly: boolean };

/** Where it is looked for: in what there is of these. Rows alone will do while nothing runs. */
export interface FindImageDeps {
  storage?: StorageAccount;
  journal?: Journal;
  results?(): Promise<Pick<ResultStore, 'get' | 'summaries'>>;
}

/** Images that are named where one was meant. */
const MOST_NAMED = 5;

/**
 * Finds the image a person means, the one way for every command: by job id, by its name in the container (batch/name),
 * by its address, or by the name of its file where only one image has it.
 */
export async function findImage(asked: string, deps: FindImageDeps): Promise<FoundImage> {
  const byId = await ofId(asked, deps);
  if (byId) return byId;
  const name = inputNameOf(asked) ?? asked;
  const found = await ofName(name, deps);
  if (found) return found;
  const { same, near, partly } = await nearImages(name, deps);
  if (same.length > 1) return { kind: 'several', names: same.slice(0, MOST_NAMED) };
  const [only] = same;
  const byFileName = only === undefined ? undefined : await ofName(only, deps);
  return byFileName ?? { kind: 'nothing', near, partly };
}

/** All jobs of an image of that name or address, in every batch: its versions, and what was posted by hand. Newest first. */
export async function jobsNamed(name: string, journal: Journal): Promise<JobSource[]> {
  const found: JobSource[] = [];
  const where = URL.canParse(name) ? { imageUrl: name } : { name };
  for await (const source of journal.sources(where)) found.push(source);
  return found.sort((one, other) => (one.admittedAt < other.admittedAt ? 1 : -1));
}

async function ofId(id: string, { journal, results }: FindImageDeps): Promise<FoundImage | undefined> {
  const batch = await journal?.batchOf(id);
  const job = batch === undefined ? undefined : (await journal?.read(batch, id))?.job;
  if (job) {
    const own = job.source.container === containers.input ? job.source.name : job.imageUrl;
    return { kind: 'image', id, name: own, byId: true };
  }
  // What was looked at before there was a journal, or is in it no longer.
  const row = await (await results?.())?.get(id);
  return row && { kind: 'image', id: row.id, name: inputNameOf(row.imageUrl) ?? row.imageUrl, byId: true };
}

async function ofName(name: string, deps: FindImageDeps): Promise<FoundImage | undefined> {
  const { storage, journal } = deps;
  const blob = storage && (await blobNamed(name, storage));
  const own = blob && jobIdOf(containers.input, name, blob.etag);
  const inContainer = blob && own !== undefined ? { id: own, since: blob.createdAt } : undefined;
  if (inContainer && (await journal?.batchOf(inContainer.id)) !== undefined)
    return { kind: 'image', name, byId: false, ...inContainer };
  const jobs = journal ? await jobsNamed(name, journal) : [];
  // Posted by hand it has an id of its own; an older version is not the one that stands while a newer one waits.
  const standing = blob ? jobs.find(({ source }) => source.etag === blob.etag) : jobs[0];
  if (standing) {
    return { kind: 'image', id: standing.id, name, byId: false, ...(blob && { since: blob.createdAt }) };
  }
  if (inContainer) return { kind: 'image', name, byId: false, ...inContainer };
  const row = await rowNamed(name, deps);
  return row && { kind: 'image', id: row.id, name, byId: false };
}

async function blobNamed(name: string, { blobs }: StorageAccount): Promise<BlobEntry | undefined> {
  // In name order, the name itself comes first.
  const page = await blobs.page(containers.input, { prefix: name, size: 1 });
  return page.blobs.find((blob) => blob.name === name);
}
