import { setTimeout as delay } from 'node:timers/promises';
import { OutageError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import type { StorageAccount } from './account.ts';
import { isStorageOutage } from './status.ts';

/** Waits before each further try, in milliseconds: what is busy or away for a moment keeps no host from starting. */
const WAITS_MS = [200, 500, 1000, 2000, 4000];

/** After so long no further try is begun, in milliseconds: a silent service takes half a minute for each. */
const TRY_WITHIN_MS = 20_000;

/** Names of what is to be there. */
interface StorageNames {
  readonly containers: readonly string[];
  readonly tables: readonly string[];
  readonly queues: readonly string[];
}

type Creators = { readonly [kind in keyof StorageAccount]: Pick<StorageAccount[kind], 'ensure'> };

/**
 * Creates what is not there yet.
 *
 * @throws what storage says, at once where it refuses, else after several tries
 */
export async function ensureAll(
  { blobs, tables, queues }: Creators,
  names: StorageNames,
  clock: Clock,
  waitsMs: readonly number[] = WAITS_MS,
): Promise<void> {
  const began = clock();
  for (const wait of [...waitsMs, undefined]) {
    // Each to its end: no call of a try that failed is to go on beside the next.
    const ends = await Promise.allSettled([
      ...names.containers.map((name) => blobs.ensure([name])),
      ...names.tables.map((name) => tables.ensure([name])),
      ...names.queues.map((name) => queues.ensure([name])),
    ]);
    const failures = ends.filter((end) => end.status === 'rejected').map(({ reason }) => reason as unknown);
    if (failures.length === 0) return;
    const refusal = failures.find((failure) => !isOutage(failure));
    const isLast = wait === undefined || clock() - began > TRY_WITHIN_MS;
    if (refusal !== undefined || isLast) throw refusal ?? failures[0];
    await delay(wait);
  }
}

/** An answer that was not the account's own is told of as an `OutageError`: see `genuine.ts`. */
const isOutage = (failure: unknown): boolean => failure instanceof OutageError || isStorageOutage(failure);
