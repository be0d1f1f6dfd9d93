import { PermanentError, RateLimitedError } from '../../domain/errors.ts';
import { stateOf } from './add-to-list.ts';
import { closeEmptyLists } from './closing.ts';
import { copyFace, type ImageOf } from './copy.ts';
import { type IdRow, jobKeyOf } from './face-index.ts';
import { isTrained, type ListRow } from './list-registry.ts';
import type { GalleryParts } from './parts.ts';
import { remove } from './remove.ts';
import { retire } from './retire.ts';
import { train } from './training.ts';

export interface Maintenance {
  /** Fresh faces left, copied ones included. */
  fresh: number;
  /** Faces copied to a LargeFaceList this time. */
  copied: number;
  /** Faces that left their fresh list this time, their copy being trained. */
  retired: number;
  /** A training is under way or wanted: call again in a moment. */
  training: boolean;
}

/**
 * Moves the oldest fresh faces on to the LargeFaceLists once there are more than the limit: all beyond half of it, so
 * that trainings are few. Each call does what can be done now and returns; a timer calls again. Safe to run in many
 * instances, and to end anywhere.
 *
 * @param imageOf bytes of the image that a job enrolled from; undefined: it is gone, and so are its faces
 */
export async function maintain(
  parts: GalleryParts,
  imageOf: ImageOf,
  signal: AbortSignal,
): Promise<Maintenance> {
  const trainAll = async (wanted: ReadonlySet<string>) => {
    let waiting = false;
    for (const list of await parts.registry.read()) {
      if (list.tier !== 'large') continue;
      waiting = (await train(parts, list.listId, wanted.has(list.listId), signal)) || waiting;
    }
    return waiting;
  };
  await trainAll(new Set());

  const { fresh, retired } = await retireTrained(parts, signal);
  await closeEmptyLists(parts, signal);
  const uncopied = fresh.filter((id) => !id.copy && !id.stuck).sort((a, b) => a.ownedAt - b.ownedAt);
  const excess = uncopied.length > parts.freshLimit ? uncopied.length - Math.floor(parts.freshLimit / 2) : 0;
  const copied = await copyAll(parts, uncopied.slice(0, excess), imageOf, signal);

  const large = new Map((await parts.registry.read()).map((list) => [list.listId, list]));
  const untrained = [...fresh.flatMap(({ copy }) => copy ?? []), ...copied.copies]
    .filter((copy) => !isTrained(large.get(copy.listId), copy))
    .map((copy) => copy.listId);
  const training = await trainAll(new Set(untrained));
  const left = fresh.length - copied.removed;
  return { fresh: left, copied: copied.copies.length, retired, training: training || untrained.length > 0 };
}

async function retireTrained(
  parts: GalleryParts,
  signal: AbortSignal,
): Promise<{ fresh: IdRow[]; retired: number }> {
  const registered = await parts.registry.read();
  const large = new Map(registered.map((list) => [list.listId, list]));
  const fresh: IdRow[] = [];
  let retired = 0;
  for (const list of registered) {
    if (list.tier !== 'fresh') continue;
    const here = retired;
    for await (const id of parts.index.ids(list.listId)) {
      signal.throwIfAborted();
      const done =
        id.copy && isTrained(large.get(id.copy.listId), id.copy) && (await retire(parts, id, signal));
      if (done) retired++;
      else fresh.push(id);
    }
    if (retired > here) await makeRoom(parts, list);
  }
  return { fresh, retired };
}

async function makeRoom(parts: GalleryParts, list: ListRow): Promise<void> {
  const current = await parts.registry.get(list.listId);
  if (current?.full) await parts.registry.update(current, { full: false });
}

async function copyAll(
  parts: GalleryParts,
  faces: readonly IdRow[],
  imageOf: ImageOf,
  signal: AbortSignal,
): Promise<{ copies: { listId: string; epoch: number }[]; removed: number }> {
  const copies: { listId: string; epoch: number }[] = [];
  let removed = 0;
  const jobs = Map.groupBy(faces, ({ jobId }) => jobId);
  try {
    for (const [jobId, ofJob] of jobs) {
      signal.throwIfAborted();
      const bytes = await imageOf({ jobId, batchId: ofJob[0]?.batchId ?? '' });
      for (const id of ofJob) {
        if (bytes === undefined) {
          await remove(parts, jobKeyOf(id.key), (key) => key === id.key, signal);
          removed++;
          continue;
        }
        try {
          const copy = await copyFace(parts, id, bytes, signal);
          if (copy) copies.push(copy);
        } catch (error) {
          if (!(error instanceof PermanentError)) throw error;
          parts.log.warn('gallery.copy.refused', { code: error.code, list: id.listId });
          await parts.index.note(id, { stuck: error.code });
        }
      }
    }
  } catch (error) {
    // Work on messages comes first, and a list in training cannot be changed: go on next time.
    if (!(error instanceof RateLimitedError) && stateOf(error) !== 'training') throw error;
    parts.log.info('gallery.copy.later', { code: (error as { code?: string }).code, copied: copies.length });
  }
  return { copies, removed };
}
