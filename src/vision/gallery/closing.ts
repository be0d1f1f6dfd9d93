import { SWEEP_AGE_MS } from './limits.ts';
import type { ListRow } from './list-registry.ts';
import type { GalleryParts } from './parts.ts';

/**
 * Deletes fresh lists that stand empty, but for the first: each registered list costs every search a call. First the
 * list takes no more faces; once every enrolment that may not have known so has ended, and the list is still empty, it
 * is closed to searches, deleted, and its row removed. An enrolment that needs it before then opens it again.
 */
export async function closeEmptyLists(parts: GalleryParts, signal: AbortSignal): Promise<void> {
  const { registry, clock } = parts;
  for (const list of await registry.read()) {
    if (list.tier !== 'fresh' || list.number === 0 || (await hasFaces(parts, list))) continue;
    if (list.closed) {
      await deleteList(parts, list, signal);
    } else if (list.closingAt === 0) {
      await registry.update(list, { closingAt: clock() });
    } else if (clock() - list.closingAt >= SWEEP_AGE_MS && (await registry.update(list, { closed: true }))) {
      await deleteList(parts, list, signal);
    }
  }
}

async function deleteList(
  { lists, registry }: GalleryParts,
  list: ListRow,
  signal: AbortSignal,
): Promise<void> {
  await lists.fresh.drop(list.listId, signal);
  await registry.remove(list);
}

async function hasFaces({ index }: GalleryParts, list: ListRow): Promise<boolean> {
  for await (const _ of index.ids(list.listId)) return true;
  return false;
}
