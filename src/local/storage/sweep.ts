import type { BlobStore } from './blob/store.ts';
import type { Messages } from './queue/messages.ts';
import type { State } from './state/state.ts';
import { Sweeper } from './state/sweeper.ts';

/** Blocks that no list has named are kept for a week, as the service keeps them. */
const BLOCK_LIFE_MS = 7 * 24 * 3_600_000;
const AT_ONCE = 500;
const START = { visible: Number.MIN_SAFE_INTEGER, seq: 0 };

/** What each kind of leftover is made of. */
export function openSweeper(
  state: State,
  { blobs, blocks, contents }: BlobStore,
  messages: Messages,
  clock: () => number,
): Sweeper {
  const { db, group } = state;
  const entities = db.prepare(
    'DELETE FROM entity WHERE id IN (SELECT id FROM entity WHERE owner = ? LIMIT ? + 0)',
  );
  const waiting = db.prepare('SELECT DISTINCT name FROM uncommitted_block WHERE container = ? LIMIT ? + 0');
  const steps = {
    queue: (owner: number, limit: number) => group.write(() => messages.sweep(owner, limit)),
    table: (owner: number, limit: number) => group.write(() => Number(entities.run(owner, limit).changes)),
    container: (owner: number, limit: number) =>
      contents.change(() => {
        const rows = [...blobs.page(owner, '', '', limit)];
        for (const row of rows) blobs.remove(owner, row);
        if (rows.length === limit) return limit;
        const names = waiting.all(owner, limit);
        for (const { name } of names) blocks.clear(owner, String(name));
        return names.length;
      }),
  };
  const expiredMessages = async (): Promise<void> => {
    const now = clock();
    for (let queue = messages.queueWithExpired(now); queue !== undefined; ) {
      const of = queue;
      let place: { visible: number; seq: number } | undefined = START;
      while (place) {
        const after: { visible: number; seq: number } = place;
        place = await group.write(() => messages.sweepExpired(of, now, after, AT_ONCE));
      }
      const next = messages.queueWithExpired(now);
      // One of a queue that is given up is swept with it.
      queue = next === of ? undefined : next;
    }
  };
  // A laptop whose clock ran years ahead, and has been set right: its messages would wait for those years.
  const hiddenTooLong = async (): Promise<void> => {
    const now = clock();
    for (let queue = messages.queueAfter(0); queue !== undefined; queue = messages.queueAfter(queue)) {
      const of = queue;
      let shown = AT_ONCE;
      while (shown === AT_ONCE) shown = await group.write(() => messages.showHiddenTooLong(of, now, AT_ONCE));
    }
  };
  const oldBlocks = async (): Promise<void> => {
    const old = blocks.olderThan(clock() - BLOCK_LIFE_MS, AT_ONCE);
    if (old.length === 0) return;
    await contents.change(() => {
      for (const { container, name } of old) blocks.clear(container, name);
    });
  };
  return new Sweeper(state, steps, [expiredMessages, hiddenTooLong, oldBlocks]);
}
