import { RateLimitedError } from '../../domain/errors.ts';
import type { FaceLists } from '../face-lists.ts';
import { stateOf } from './add-to-list.ts';
import type { FaceRow, IdRow, Place } from './face-index.ts';
import { SWEEP_AGE_MS } from './limits.ts';
import type { ListRow, Tier } from './list-registry.ts';
import type { GalleryParts } from './parts.ts';

export interface Sweep {
  /** Persisted faces that nobody owns, seen for the first time or too short a while ago. */
  suspected: number;
  /** Persisted faces that nobody owned, deleted. */
  deleted: number;
  /** Id rows dropped, their persisted face being gone or another's. */
  dropped: number;
}

/**
 * Makes lists and index agree: an enrolment whose answer was lost leaves a persisted face without an owner, a removal
 * that met a training likewise. A face without an owner is only noted at first, and deleted when a later sweep, at
 * least fifteen minutes on, still finds none: so an enrolment in flight is never touched.
 */
export async function sweep(parts: GalleryParts, signal: AbortSignal): Promise<Sweep> {
  const total: Sweep = { suspected: 0, deleted: 0, dropped: 0 };
  try {
    for (const list of await parts.registry.read()) await sweepList(parts, list, total, signal);
  } catch (error) {
    // Work on messages comes first: the next sweep begins again.
    if (!(error instanceof RateLimitedError)) throw error;
    parts.log.info('gallery.sweep.later', { ...total });
  }
  return total;
}

async function sweepList(
  parts: GalleryParts,
  list: ListRow,
  total: Sweep,
  signal: AbortSignal,
): Promise<void> {
  const lists = parts.lists[list.tier];
  const orphans = await parts.index.orphans(list.listId);
  const still = new Set<string>();
  for await (const [kind, id] of compare(parts, lists, list, signal)) {
    signal.throwIfAborted();
    if (kind === 'owned') {
      if (await removeIfStale(parts, list.tier, id)) total.dropped++;
      continue;
    }
    const place = { listId: list.listId, persistedFaceId: id.persistedFaceId };
    if (kind === 'gone') {
      if (await removeIfGone(parts, list.tier, id, signal)) total.dropped++;
    } else if (await isOrphan(parts, place)) {
      still.add(id.persistedFaceId);
      if (await deleteIfOld(parts, lists, place, orphans.get(id.persistedFaceId), signal)) total.deleted++;
      else total.suspected++;
    }
  }
  for (const persistedFaceId of orphans.keys()) {
    if (!still.has(persistedFaceId)) await parts.index.removeOrphan({ listId: list.listId, persistedFaceId });
  }
}

type Difference = ['owned' | 'gone', IdRow] | ['unowned', { persistedFaceId: string }];

/**
 * Walks a list and its id rows side by side, both in the order of the ids, so that a million faces need no memory. Where
 * the service gave another order, more is reported than is true: every report is checked again before it counts.
 */
async function* compare(
  { index }: GalleryParts,
  lists: FaceLists,
  { listId }: ListRow,
  signal: AbortSignal,
): AsyncGenerator<Difference> {
  const persisted = facesInOrder(lists, listId, signal);
  const owned = index.ids(listId);
  let [face, row] = [await persisted.next(), await owned.next()];
  while (!face.done || !row.done) {
    if (row.done || (!face.done && face.value < row.value.persistedFaceId)) {
      yield ['unowned', { persistedFaceId: String(face.value) }];
      face = await persisted.next();
    } else if (face.done || row.value.persistedFaceId < face.value) {
      yield ['gone', row.value];
      row = await owned.next();
    } else {
      yield ['owned', row.value];
      [face, row] = [await persisted.next(), await owned.next()];
    }
  }
}

async function* facesInOrder(lists: FaceLists, listId: string, signal: AbortSignal): AsyncGenerator<string> {
  for await (const page of lists.pages(listId, signal)) {
    yield* page.map(({ persistedFaceId }) => persistedFaceId).sort();
  }
}

const isOld = (parts: GalleryParts, at: number) => parts.clock() - at >= SWEEP_AGE_MS;

const isOrphan = async (parts: GalleryParts, place: Place) => (await parts.index.owner(place)) === undefined;

async function deleteIfOld(
  parts: GalleryParts,
  lists: FaceLists,
  place: Place,
  seenAt: number | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  if (seenAt === undefined) await parts.index.noteOrphan(place, parts.clock());
  if (seenAt === undefined || !isOld(parts, seenAt)) return false;
  try {
    await lists.remove(place.listId, place.persistedFaceId, signal);
  } catch (error) {
    if (stateOf(error) !== 'training' && stateOf(error) !== 'busy') throw error;
    return false;
  }
  await parts.index.removeOrphan(place);
  return true;
}

/** The id row speaks of a persisted face that the list no longer has. */
async function removeIfGone(
  parts: GalleryParts,
  tier: Tier,
  id: IdRow,
  signal: AbortSignal,
): Promise<boolean> {
  if (!isOld(parts, id.ownedAt)) return false;
  if (await parts.lists[tier].has(id.listId, id.persistedFaceId, signal)) return false;
  await parts.index.removeId(id);
  const face = await parts.index.face(id.key);
  if (face && claims(face, tier, id)) {
    parts.log.warn('gallery.face.lost', { list: id.listId, job: id.jobId });
    await parts.index.disown(face, tier);
  }
  return true;
}

/**
 * The id row gives a persisted face to one that owns another, or is no more. Only looked at in the fresh lists, which
 * are small. A copy that was made but never noted is noted here, so that maintenance takes the fresh face away.
 */
async function removeIfStale(parts: GalleryParts, tier: Tier, id: IdRow): Promise<boolean> {
  const { index } = parts;
  if (tier !== 'fresh' || !isOld(parts, id.ownedAt)) return false;
  const face = await index.face(id.key);
  if (face && claims(face, tier, id)) {
    if (face.large && !id.copy && isOld(parts, face.large.claimedAt)) {
      if (await index.owner(face.large)) await index.note(id, { copy: face.large });
      else await index.disown(face, 'large');
    }
    return false;
  }
  await index.removeId(id);
  return true;
}

const claims = (face: FaceRow, tier: Tier, id: Place): boolean =>
  face[tier]?.persistedFaceId === id.persistedFaceId && face[tier]?.listId === id.listId;
