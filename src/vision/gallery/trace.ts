import { FaceListStateError } from '../errors.ts';
import type { PersistedFace } from '../face-lists.ts';
import { jobKeyOf, type KeyedRow } from './face-index.ts';
import type { Tier } from './list-registry.ts';
import type { GalleryParts } from './parts.ts';
import { remove } from './remove.ts';
import { train } from './training.ts';

/** What there is of some jobs, as their own rows say: faces in the lists of the service, and rows of the face index. */
export interface Traces {
  persisted: number;
  rows: number;
}

export async function traces(
  parts: GalleryParts,
  jobKeys: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Traces> {
  const found: Traces = { persisted: 0, rows: 0 };
  for (const jobKey of jobKeys) {
    signal.throwIfAborted();
    for (const { fresh, large } of await parts.index.faces(jobKey)) {
      found.rows += 1;
      for (const place of [fresh, large]) if (place) found.persisted += 1;
    }
  }
  return found;
}

/** Takes every face of these jobs out of lists and index, and has the large lists they were in trained again. */
export async function eraseFaces(
  parts: GalleryParts,
  jobKeys: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
  const retrain = new Set<string>();
  for (const jobKey of jobKeys) {
    signal.throwIfAborted();
    for (const { large } of await remove(parts, jobKey, () => true, signal))
      if (large) retrain.add(large.listId);
  }
  for (const listId of retrain) await train(parts, listId, true, signal);
}

/** A face in a list of the service. */
interface Persisted {
  listId: string;
  tier: Tier;
  persistedFaceId: string;
  jobKey: string;
}

/**
 * The look through all there is of faces, some of it at a time: it also sees what no index row leads to, an enrolment
 * whose answer was lost, say. `from` is the `next` of the page before.
 */
export interface FaceLook {
  rows(jobKeys: ReadonlySet<string>, from: string | undefined): Promise<{ rows: KeyedRow[]; next?: string }>;
  hasRow(row: KeyedRow): Promise<boolean>;
  /** Takes the face out as `erase` does, and then the row itself, whatever led to it. */
  removeRow(row: KeyedRow, signal: AbortSignal): Promise<void>;
  persisted(
    jobKeys: ReadonlySet<string>,
    from: string | undefined,
    signal: AbortSignal,
  ): Promise<{ faces: Persisted[]; next?: string }>;
  isPersisted(face: Persisted, signal: AbortSignal): Promise<boolean>;
  /** A list that is being trained cannot be changed: the face is then still there. */
  removePersisted(face: Persisted, signal: AbortSignal): Promise<void>;
}

export function lookThrough(parts: GalleryParts): FaceLook {
  const { index, lists, registry } = parts;
  return {
    rows: (jobKeys, from) => index.rowsOf((faceKey) => jobKeys.has(jobKeyOf(faceKey)), from),
    hasRow: (row) => index.hasRow(row),
    async removeRow(row, signal) {
      await eraseFaces(parts, new Set([jobKeyOf(row.faceKey)]), signal);
      await index.removeRow(row);
    },
    async persisted(jobKeys, from, signal) {
      // Lists in the order of their ids, so that one which came or went meanwhile makes no difference.
      const all = (await registry.read()).sort((one, two) => (one.listId < two.listId ? -1 : 1));
      const [within = '', after] = from === undefined ? [] : (JSON.parse(from) as [string, string?]);
      const list = all.find(({ listId }) => (after === undefined ? listId > within : listId === within));
      if (list === undefined) {
        const gone = after !== undefined && all.some(({ listId }) => listId > within);
        return { faces: [], ...(gone && { next: JSON.stringify([within]) }) };
      }
      const { listId, tier } = list;
      const page: PersistedFace[] = [];
      for await (const some of lists[tier].pages(listId, signal, after)) {
        page.push(...some);
        // A fresh list is small and has no place to go on from.
        if (tier === 'large') break;
      }
      const last = tier === 'large' ? page.at(-1)?.persistedFaceId : undefined;
      const faces = page.flatMap(({ persistedFaceId, userData = '' }) => {
        const jobKey = jobKeyOf(userData);
        return jobKeys.has(jobKey) ? [{ listId, tier, persistedFaceId, jobKey }] : [];
      });
      return { faces, next: JSON.stringify(last === undefined ? [listId] : [listId, last]) };
    },
    isPersisted: ({ tier, listId, persistedFaceId }, signal) =>
      lists[tier].has(listId, persistedFaceId, signal),
    async removePersisted({ tier, listId, persistedFaceId }, signal) {
      await index.removeId({ listId, persistedFaceId });
      try {
        await lists[tier].remove(listId, persistedFaceId, signal);
      } catch (error) {
        if (!(error instanceof FaceListStateError)) throw error;
        return;
      }
      if (tier === 'large') await train(parts, listId, true, signal);
    },
  };
}
