import type { Clock, Log } from '../ports.ts';
import type { StorageAccount } from '../storage/account.ts';
import type { BlobEntry } from '../storage/blobs.ts';
import { containers, EVENTS_QUEUE } from '../storage/names.ts';
import { toSafeJson } from './codec.ts';
import { blobCreatedEvent } from './event.ts';
import { batchOf, jobIdOf } from './job-id.ts';
import type { Journal } from './journal.ts';

/** Blobs asked about one by one at most per batch; beyond, the batch's whole list of jobs is read instead. */
const POINT_READS = 50;

/**
 * Sends an event for every blob of the input container that has no journal row: events get lost, and on one machine
 * there is no Event Grid at all. Remembers what it has seen, so that looking again costs one listing.
 */
export class Reconciler {
  readonly #storage: StorageAccount;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #minAgeMs: number;
  #seen = new Set<string>();

  /** @param minAgeMs younger blobs are left to Event Grid */
  constructor(deps: { storage: StorageAccount; journal: Journal; clock: Clock; minAgeMs: number }) {
    this.#storage = deps.storage;
    this.#journal = deps.journal;
    this.#clock = deps.clock;
    this.#minAgeMs = deps.minAgeMs;
  }

  /** Forgets what it has seen, so that the next look asks the journal about every blob again. */
  forget(): void {
    this.#seen = new Set();
  }

  /** @returns how many events it sent */
  async run(log: Log, signal?: AbortSignal): Promise<number> {
    const now = this.#clock();
    const current = new Set<string>();
    const unseen = new Map<string, { id: string; blob: BlobEntry }[]>();
    for await (const blob of this.#storage.blobs.list(containers.input)) {
      signal?.throwIfAborted();
      if (now - blob.createdAt.getTime() < this.#minAgeMs) continue;
      const id = jobIdOf(containers.input, blob.name, blob.etag);
      current.add(id);
      if (this.#seen.has(id)) continue;
      const batch = batchOf(blob.name);
      const list = unseen.get(batch) ?? [];
      list.push({ id, blob });
      unseen.set(batch, list);
    }
    let sent = 0;
    for (const [batch, blobs] of unseen) {
      const known = await this.#knownOf(batch, blobs);
      for (const { id, blob } of blobs) {
        signal?.throwIfAborted();
        if (!known.has(id)) {
          await this.#announce(blob);
          sent += 1;
        }
        this.#seen.add(id);
      }
    }
    // Blobs that were deleted need no memory.
    for (const id of this.#seen) if (!current.has(id)) this.#seen.delete(id);
    if (sent > 0) log.info('reconcile.announced', { blobs: sent });
    return sent;
  }

  async #knownOf(batch: string, blobs: readonly { id: string }[]): Promise<ReadonlySet<string>> {
    const known = new Set<string>();
    if (blobs.length > POINT_READS) {
      for await (const id of this.#journal.idsOf(batch)) known.add(id);
      return known;
    }
    await Promise.all(
      blobs.map(async ({ id }) => {
        const entry = await this.#journal.read(batch, id);
        if (entry?.job.sent) known.add(id);
      }),
    );
    return known;
  }

  async #announce(blob: BlobEntry): Promise<void> {
    const url = this.#storage.blobs.url(containers.input, blob.name);
    const event = blobCreatedEvent({ ...blob, url }, new Date(this.#clock()));
    await this.#storage.queues.send(EVENTS_QUEUE, toSafeJson(event));
  }
}
