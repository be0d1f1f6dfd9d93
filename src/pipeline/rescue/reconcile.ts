import { atOnce } from '../../domain/at-once.ts';
import { batchOf, jobIdOf } from '../../domain/job-id.ts';
import type { Clock, Log } from '../../domain/ports.ts';
import type { StorageAccount } from '../../storage/account.ts';
import { BLOBS_AT_ONCE, type BlobEntry, type BlobPage } from '../../storage/blobs.ts';
import { containers, EVENTS_QUEUE } from '../../storage/names.ts';
import { type PassedOver, passedOver } from '../../storage/passed-over.ts';
import { statusOf } from '../../storage/status.ts';
import type { Journal } from '../journal/journal.ts';
import { toSafeJson } from '../message/codec.ts';
import { blobCreatedEvent } from '../message/event.ts';
import { isTurnOf, type Walk, type WalkMemory, walkInMemory } from './walk.ts';

/** Blobs of one page, and all that is in memory at once. */
const PAGE = BLOBS_AT_ONCE;
/** Blobs asked about, or announced, at once. */
const AT_ONCE = 16;
/** Blobs of one batch and page that are asked about one by one; for more its list of jobs is read ... */
const POINT_READS = 50;
/** ... as far as that is cheaper, which is so many jobs for each. */
const LISTED_EACH = 10;
/**
 * By how much our clock, that of the storage account and that of another process may differ, and how late a blob may appear
 * in a listing after the time it bears, in milliseconds. What appears later still is found when its turn comes.
 */
const SKEW_MS = 10 * 60_000;
/** What is young enough that an event of it may just have been lost, in milliseconds: see `forget`. */
const RECENT_MS = 3_600_000;
/** Young blobs remembered at most; one that is not is asked about again. */
const REMEMBERED = 100_000;

interface ReconcilerDeps {
  storage: StorageAccount;
  journal: Journal;
  clock: Clock;
  /** Younger blobs are left to Event Grid, in milliseconds. */
  minAgeMs: number;
  /** After so long a run stops, and the next goes on; a run does one page at least. No limit when absent. */
  budgetMs?: number;
  /** This process's own memory when absent. */
  memory?: WalkMemory;
  pageSize?: number;
}

/**
 * Sends an event for every blob of the input container that has no job: events get lost, and on one machine there is no
 * Event Grid at all. It walks the container page by page, over as many runs as it takes. A walk passes over what is
 * older than the one before, so that it costs one listing however many blobs there are. Events can be lost behind our back,
 * too (a queue emptied by hand): each blob is asked about again once a day, at its own moment, so that no walk takes long.
 * Where it is not known what was asked about, nothing is passed over.
 */
export class Reconciler {
  readonly #deps: ReconcilerDeps;
  readonly #memory: WalkMemory;
  #forgotten = false;
  /** Blobs of this run that are nobody's file. */
  #passedOver: Record<PassedOver, number> = { 'folder-marker': 0, 'system-file': 0 };
  /** Blobs that the next walk would ask about though this process knows the answer ... */
  #known = new Set<string>();
  /** ... and those the walk after it would. */
  #knownNext = new Set<string>();

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps;
    this.#memory = deps.memory ?? walkInMemory();
  }

  /** Forgets what it knows of recent blobs, so that the next run begins a walk that asks about them, and those whose turn it is. */
  forget(): void {
    this.#forgotten = true;
    this.#known = new Set();
    this.#knownNext = new Set();
  }

  /** @returns how many events it sent */
  async run(log: Log, signal?: AbortSignal): Promise<number> {
    const { clock, budgetMs = Number.POSITIVE_INFINITY } = this.#deps;
    const began = clock();
    let walk = await this.#underWay(began);
    let sent = 0;
    while (walk.from !== undefined) {
      signal?.throwIfAborted();
      const page = await this.#page(walk);
      sent += await this.#reconcile(page.blobs, walk, began, signal);
      const { from: _, ...rest } = walk;
      walk = page.next === undefined ? rest : { ...rest, from: page.next };
      await this.#memory.write(walk);
      if (clock() - began >= budgetMs) break;
    }
    if (walk.from === undefined) {
      this.#known = this.#knownNext;
      this.#knownNext = new Set();
    }
    if (sent > 0) log.info('reconcile.announced', { blobs: sent });
    for (const [kind, count] of Object.entries(this.#passedOver))
      if (count > 0) log.info(`reconcile.${kind}s`, { passedOver: count });
    this.#passedOver = { 'folder-marker': 0, 'system-file': 0 };
    return sent;
  }

  /** The walk that was left, or a new one. */
  async #underWay(now: number): Promise<Walk> {
    const last = await this.#memory.read();
    const isForgotten = this.#forgotten;
    this.#forgotten = false;
    // A process whose clock was wrong has passed over what it must not.
    if (!last || last.startedAt > now + SKEW_MS) return { startedAt: now, since: 0, after: 0, from: '' };
    if (last.from !== undefined && !isForgotten) return last;
    // A walk that is given up has asked about less than its share.
    const before = last.from === undefined ? last.startedAt : last.after;
    const since = last.from === undefined ? this.#youngSince(last) : last.since;
    return {
      startedAt: now,
      since: isForgotten ? Math.min(since, now - RECENT_MS) : since,
      after: before,
      from: '',
    };
  }

  /** What was written later may have been too young for this walk, or have come behind its back. */
  #youngSince({ startedAt }: Walk): number {
    return startedAt - Math.max(this.#deps.minAgeMs, 0) - SKEW_MS;
  }

  async #page({ from }: Walk): Promise<BlobPage> {
    const { blobs } = this.#deps.storage;
    const size = this.#deps.pageSize ?? PAGE;
    if (!from) return blobs.page(containers.input, { size });
    try {
      return await blobs.page(containers.input, { from, size });
    } catch (error) {
      // The service no longer knows the place: from the beginning again, rather than never.
      if (statusOf(error) === 400) return blobs.page(containers.input, { size });
      throw error;
    }
  }

  async #reconcile(blobs: BlobEntry[], walk: Walk, now: number, signal?: AbortSignal): Promise<number> {
    const youngSince = this.#youngSince(walk);
    const asked = blobs
      .filter(({ createdAt, name }) => {
        const time = createdAt.getTime();
        if (now - time < this.#deps.minAgeMs) return false;
        return time >= walk.since || isTurnOf(name, walk);
      })
      .map((blob) => ({ blob, id: jobIdOf(containers.input, blob.name, blob.etag) }));
    const unknown = asked.filter(({ id }) => !this.#known.has(id));
    let sent = 0;
    for (const [batch, some] of Map.groupBy(unknown, ({ blob }) => batchOf(blob.name))) {
      const known = await this.#listed(batch, some);
      await atOnce(AT_ONCE, some, async ({ blob, id }) => {
        signal?.throwIfAborted();
        if (known.has(id) || (await this.#deps.journal.isSent(batch, id))) return;
        const kind = await passedOver(this.#deps.storage.blobs, containers.input, blob);
        if (kind) {
          this.#passedOver[kind] += 1;
          return;
        }
        await this.#announce(blob);
        sent += 1;
      });
    }
    for (const { blob, id } of asked) {
      if (this.#knownNext.size >= REMEMBERED) break;
      if (blob.createdAt.getTime() >= youngSince) this.#knownNext.add(id);
    }
    return sent;
  }

  /** Those of many blobs whose jobs a look at the beginning of their batch's list finds. */
  async #listed(batch: string, blobs: readonly { id: string }[]): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    if (blobs.length <= POINT_READS) return found;
    const wanted = new Set(blobs.map(({ id }) => id));
    let read = 0;
    for await (const id of this.#deps.journal.idsOf(batch)) {
      read += 1;
      if (wanted.has(id)) found.add(id);
      if (found.size === wanted.size || read >= blobs.length * LISTED_EACH) break;
    }
    return found;
  }

  async #announce(blob: BlobEntry): Promise<void> {
    const { storage, clock } = this.#deps;
    const url = storage.blobs.url(containers.input, blob.name);
    const event = blobCreatedEvent({ ...blob, url }, new Date(clock()));
    await storage.queues.send(EVENTS_QUEUE, toSafeJson(event));
  }
}
