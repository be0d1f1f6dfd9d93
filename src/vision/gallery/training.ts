import { stateOf } from './add-to-list.ts';
import type { ListRow } from './list-registry.ts';
import type { GalleryParts } from './parts.ts';

/**
 * Trains a LargeFaceList so that one knows which copies a success covers, though instances, crashes and trainings
 * started by others come in between. Copies are stamped, after they were added, with the list's epoch.
 *
 * 1. `idle` -> `preparing`: the epoch goes up; copies stamped lower were added before this moment.
 * 2. `preparing` -> `training`: remembers the mark of the service's training state, unless one is running: that one
 *    may have begun before some copies. Any training with another mark began after this moment.
 * 3. `training` -> `idle`: once a training with another mark has succeeded, all copies stamped lower than the epoch
 *    are findable. None yet, or a failed one: start it. Already running: come back.
 *
 * Every change is made with If-Match; whoever loses comes back next time. No clock is compared with another.
 *
 * @param wanted whether there are copies that no training covers
 * @returns whether it waits for a training
 */
export async function train(
  parts: GalleryParts,
  listId: string,
  wanted: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const { registry, lists, log } = parts;
  let list = await registry.get(listId);
  if (list?.phase === 'idle' && wanted) {
    list = await move(parts, list, { phase: 'preparing', epoch: list.epoch + 1 });
  }
  if (list?.phase === 'preparing') {
    const state = await lists.large.training(listId, signal);
    if (state.status === 'running') return true;
    list = await move(parts, list, { phase: 'training', before: state.mark });
  }
  if (list?.phase !== 'training') return false;

  const state = await lists.large.training(listId, signal);
  if (state.status === 'running' || state.status === 'waiting') return true;
  if (state.mark !== list.before) {
    if (state.status === 'succeeded') {
      await registry.update(list, { phase: 'idle', trainedEpoch: list.epoch });
      return false;
    }
    log.warn('gallery.training.failed', { list: listId });
  }
  try {
    await lists.large.train(listId, signal);
  } catch (error) {
    if (stateOf(error) !== 'training' && stateOf(error) !== 'busy') throw error;
  }
  return true;
}

/** The row after the change; as somebody else left it where we lost, undefined where that is another phase. */
async function move(
  { registry }: GalleryParts,
  list: ListRow,
  change: Parameters<GalleryParts['registry']['update']>[1],
): Promise<ListRow | undefined> {
  if (!(await registry.update(list, change))) return undefined;
  const now = await registry.get(list.listId);
  return now?.phase === change.phase ? now : undefined;
}
