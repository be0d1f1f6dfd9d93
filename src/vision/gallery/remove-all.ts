import type { GalleryParts } from './parts.ts';

/**
 * Deletes every list and every row of the index. Safe to end anywhere and to repeat: a list's own row, which leads to it,
 * goes after the list. Only where nobody enrols any more.
 *
 * @returns whether there is nothing left; false where the signal came first
 */
export async function removeAll(parts: GalleryParts, signal: AbortSignal): Promise<boolean> {
  for (const list of await parts.registry.read()) {
    if (signal.aborted) return false;
    await parts.lists[list.tier].drop(list.listId, signal);
  }
  for await (const removed of parts.index.removeEverything()) if (removed && signal.aborted) return false;
  return true;
}
