import { setTimeout as delay } from 'node:timers/promises';
import type { StoredImage } from '../../results/rows.ts';
import type { Awaited } from './awaited.ts';
import type { ResultFeed } from './result-feed.ts';

/** How often is looked for new rows, and how many looks lie between two checks by id. */
const EVERY_MS = 700;
const CHECK_EVERY = 20;
/** Looks, some four seconds, after which a person would think that nothing happens. */
const NOTHING_YET = 6;

interface Following {
  feed: ResultFeed;
  awaited: Awaited;
  onRow(image: StoredImage): void;
  /** Called after each look with whether all that is awaited is there; true ends it. */
  ended(all: boolean): boolean;
  /** Told of a look that failed; the next is tried all the same. */
  onTrouble(error: unknown): void;
  signal: AbortSignal;
  /** Called once where nothing has come for a while: what starts now takes its time. */
  onNothingYet?(): void;
}

/** Tells of each row as it appears, until told to end. */
export async function follow({
  feed,
  awaited,
  onRow,
  ended,
  onTrouble,
  signal,
  onNothingYet,
}: Following): Promise<void> {
  let came = false;
  for (let look = 1; !signal.aborted; look += 1) {
    try {
      for (const image of await feed.next()) {
        came = true;
        awaited.saw(image);
        onRow(image);
      }
      if (look % CHECK_EVERY === 0) await awaited.look();
    } catch (error) {
      onTrouble(error);
    }
    if (look === NOTHING_YET && !came) onNothingYet?.();
    if (ended(awaited.done === awaited.total)) return;
    await delay(EVERY_MS, undefined, { signal }).catch(() => {});
  }
}
