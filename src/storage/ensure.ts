import { setTimeout as delay } from 'node:timers/promises';
import type { StorageAccount } from './account.ts';
import { isStorageOutage } from './status.ts';

/** Waits before each further try, in milliseconds: what is busy or away for a moment keeps no host from starting. */
const WAITS_MS = [200, 500, 1000, 2000, 4000];

/** After so long no further try is begun, in milliseconds: a silent service takes half a minute for each. */
const TRY_WITHIN_MS = 20_000;

/** Names of what is to be there. */
export interface StorageNames {
  readonly containers: readonly string[];
  readonly tables: readonly string[];
  readonly queues: readonly string[];
}

/**
 * Creates what is not there yet.
 *
 * @throws what storage says, at once where it refuses, else after several tries
 */
export async function ensureAll(
  { blobs, tables, queues }: StorageAccount,
  names: StorageNames,
  waitsMs = WAITS_MS,
): Promise<void> {
  const began = Date.now();
  for (const wait of [...waitsMs, undefined]) {
    try {
      // Each to its end: no call of a try that failed is to go on beside the next.
      const ends = await Promise.allSettled([
        blobs.ensure(names.containers),
        tables.ensure(names.tables),
        queues.ensure(names.queues),
      ]);
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
      return;
    } catch (error) {
      const isLast = wait === undefined || Date.now() - began > TRY_WITHIN_MS;
      if (isLast || !isStorageOutage(error)) throw error;
      await delay(wait);
    }
  }
}
