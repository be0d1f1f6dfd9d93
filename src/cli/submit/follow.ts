import { setTimeout as delay } from 'node:timers/promises';
import type { StoredImage } from '../../results/rows.ts';
import type { Awaited } from './awaited.ts';
import type { ResultFeed } from './result-feed.ts';

/** How often is looked for new rows, and how many looks lie between two checks by id. */
const EVERY_MS = 700;
const CHECK_EVERY = 20;

export interface Following {
  feed: ResultFeed;
  awaited: Awaited;
  onRow(image: StoredImage): void;
  /** Called after each look with whether all that is awaited is there; true ends it. */
  ended(all: boolean): boolean;
  /** Told of a look that failed; the next is tried all the same. */
  onTrouble(error: unknown): void;
  signal: AbortSignal;
}

/** Tells of each row as it appears, until told to end. */
export async function follow({ feed, awaited, onRow, ended, onTrouble, signal }: Following): Promise<void> {
  for (let look = 1; !signal.aborted; look += 1) {
    try {
      for (const image of await feed.next()) {
        awaited.saw(image);
        onRow(image);
      }
      if (look % CHECK_EVERY === 0) await awaited.look();
    } catch (error) {
      onTrouble(error);
    }
    if (ended(awaited.done === awaited.total)) return;
    await delay(EVERY_MS, undefined, { signal }).catch(() => {});
  }
}
