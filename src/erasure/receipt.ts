import { randomBytes } from 'node:crypto';
import type { Beyond } from './map.ts';

/** What an erasure did in one store. */
interface StoreCount {
  store: string;
  found: number;
  deleted: number;
  /** As counted afterwards; null where it could not be counted. */
  remaining: number | null;
  /** Why something remains, or could not be counted. */
  why?: string;
}

/** What is known of the messages in a queue. */
export interface QueueCount {
  queue: string;
  /** Whether it was seen to hold no message about the images; whatever comes all the same is discarded on delivery. */
  confirmed: boolean;
  /** Messages in it when it was last looked at. */
  messages: number;
}

/**
 * The proof of an erasure. It holds no personal data but the name of who asked.
 *
 * `running`: not everything has been deleted yet. `provisional`: deleted and counted once, but a step that was at work
 * may have written since. `final`: counted, and where need be deleted, again after that, and a sweep that began after that
 * has gone through everything which could say something of it.
 */
export interface Receipt {
  id: string;
  kind: 'image' | 'batch' | 'face' | 'enquiry' | 'person' | 'selection' | 'retention' | 'faceprints';
  state: 'running' | 'provisional' | 'final';
  askedBy: string;
  /** ISO 8601 in UTC, as are all times. */
  askedAt: string;
  /** When everything had been deleted and counted for the first time. */
  erasedAt?: string;
  /** From when on it can become final. */
  settlesAt?: string;
  /** The sweep it waits for, once that has begun: the look through everything that it shares with others of its time. */
  sweep?: string;
  finalAt?: string;
  /** How many images; of faceprints, how many faces; of persons, how many of them. */
  images: number;
  /** SHA-256 over the sorted ids, a line each. */
  idsHash: string;
  stores: StoreCount[];
  queues: QueueCount[];
  /** What no program can erase. */
  beyond: readonly Beyond[];
}

/** Begins with the time, so that receipts are kept in its order. */
export const newReceiptId = (now: number): string =>
  `${new Date(now).toISOString().replace(/[-:.]/g, '')}-${randomBytes(4).toString('hex')}`;

export const remainingIn = ({ stores }: Receipt): number =>
  stores.reduce((sum, { remaining }) => sum + (remaining ?? 1), 0);

/** What is left in one store; null where that is not known. */
export const remainingOf = ({ stores }: Receipt, name: string): number | null =>
  stores.find(({ store }) => store === name)?.remaining ?? null;

/** Notes a count before deletion: what is found now is what was found before and is gone, and what is here. */
export function noteFound(receipt: Receipt, counts: Readonly<Record<string, number>>): void {
  for (const [store, count] of Object.entries(counts)) {
    const entry = entryOf(receipt, store);
    entry.found = entry.deleted + count;
    entry.remaining = count;
    delete entry.why;
  }
}

/** Notes a count after deletion. */
export function noteRemaining(
  receipt: Receipt,
  counts: Readonly<Record<string, number>>,
  why?: string,
): void {
  for (const [store, count] of Object.entries(counts)) {
    const entry = entryOf(receipt, store);
    entry.found = Math.max(entry.found, count);
    entry.deleted = entry.found - count;
    entry.remaining = count;
    delete entry.why;
    if (count > 0 && why !== undefined) entry.why = why;
  }
}

/** Notes that stores could not be counted. */
export function noteUnknown(receipt: Receipt, stores: readonly string[], why: string): void {
  for (const store of stores) Object.assign(entryOf(receipt, store), { remaining: null, why });
}

/**
 * Notes what a sweep found, erased and left, on top of what was counted before; and what it could not look through.
 *
 * @param unknown reasons by store
 */
export function noteSwept(
  receipt: Receipt,
  counts: Readonly<Record<string, { found: number; left: number }>>,
  unknown: Readonly<Record<string, string>>,
): void {
  for (const [store, { found, left }] of Object.entries(counts)) {
    const entry = entryOf(receipt, store);
    entry.found += found;
    entry.remaining = (entry.remaining ?? 0) + left;
    entry.deleted += found - left;
    if (left > 0) entry.why = 'It could not be deleted yet, or was written meanwhile.';
  }
  for (const [store, why] of Object.entries(unknown)) noteUnknown(receipt, [store], why);
}

function entryOf(receipt: Receipt, store: string): StoreCount {
  const known = receipt.stores.find((entry) => entry.store === store);
  if (known) return known;
  const entry: StoreCount = { store, found: 0, deleted: 0, remaining: 0 };
  receipt.stores.push(entry);
  return entry;
}
