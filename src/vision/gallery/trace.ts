import { jobKeyOf } from './face-index.ts';
import type { ListRow } from './list-registry.ts';
import type { GalleryParts } from './parts.ts';
import { remove } from './remove.ts';
import { train } from './training.ts';

/** What there is of some jobs: faces in the lists of the service, and rows of the face index. */
export interface Traces {
  persisted: number;
  rows: number;
}

/**
 * Counts what there is of jobs.
 *
 * @param thorough looks through every list of the service and the whole index, so that it also sees what no index row
 *   leads to: an enrolment whose answer was lost, say. Else only what the jobs' own rows say
 */
export async function traces(
  parts: GalleryParts,
  jobKeys: ReadonlySet<string>,
  thorough: boolean,
  signal: AbortSignal,
): Promise<Traces> {
  const found: Traces = { persisted: 0, rows: 0 };
  if (!thorough) {
    for (const jobKey of jobKeys) {
      signal.throwIfAborted();
      for (const { fresh, large } of await parts.index.faces(jobKey)) {
        found.rows += 1;
        for (const place of [fresh, large]) if (place) found.persisted += 1;
      }
    }
    return found;
  }
  for await (const faceKey of parts.index.everyKey()) {
    signal.throwIfAborted();
    if (jobKeys.has(jobKeyOf(faceKey))) found.rows += 1;
  }
  for await (const _ of persistedOf(parts, jobKeys, signal)) found.persisted += 1;
  return found;
}

/**
 * Takes every face of these jobs out of lists and index, and has the large lists they were in trained again.
 *
 * @param thorough see `traces`
 */
export async function eraseFaces(
  parts: GalleryParts,
  jobKeys: ReadonlySet<string>,
  thorough: boolean,
  signal: AbortSignal,
): Promise<void> {
  const retrain = new Set<string>();
  for (const jobKey of jobKeys) {
    signal.throwIfAborted();
    for (const { large } of await parts.index.faces(jobKey)) if (large) retrain.add(large.listId);
    await remove(parts, jobKey, () => true, signal);
  }
  if (thorough) {
    const stray: { list: ListRow; persistedFaceId: string }[] = [];
    for await (const one of persistedOf(parts, jobKeys, signal)) stray.push(one);
    for (const { list, persistedFaceId } of stray) {
      const place = { listId: list.listId, persistedFaceId };
      await parts.index.removeId(place);
      await parts.lists[list.tier].remove(list.listId, persistedFaceId, signal);
      if (list.tier === 'large') retrain.add(list.listId);
    }
    await parts.index.removeRowsOf((faceKey) => jobKeys.has(jobKeyOf(faceKey)), signal);
  }
  for (const listId of retrain) await train(parts, listId, true, signal);
}

async function* persistedOf(
  parts: GalleryParts,
  jobKeys: ReadonlySet<string>,
  signal: AbortSignal,
): AsyncGenerator<{ list: ListRow; persistedFaceId: string }> {
  for (const list of await parts.registry.read()) {
    for await (const page of parts.lists[list.tier].pages(list.listId, signal)) {
      signal.throwIfAborted();
      for (const { persistedFaceId, userData = '' } of page)
        if (jobKeys.has(jobKeyOf(userData))) yield { list, persistedFaceId };
    }
  }
}
