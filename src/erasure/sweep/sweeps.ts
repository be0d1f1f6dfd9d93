import type { Clock, Log } from '../../domain/ports.ts';
import type { Hold } from '../hold.ts';
import type { Entry, Ledger } from '../ledger.ts';
import { queuesOf, sweptStoresOf } from '../map.ts';
import type { ErasureParts } from '../place.ts';
import { judgeQueues, lookAtQueues, queuesAreDone } from '../queues.ts';
import { targetOf } from '../subjects.ts';
import { LookThrough, type Member } from './look-through.ts';
import { type Sweep, SweepLedger } from './sweep-ledger.ts';

interface SweepsDeps {
  app: ErasureParts;
  ledger: Ledger;
  clock: Clock;
  log: Log;
  /** Milliseconds until an erasure that could not be taken along is looked at again. */
  againMs: number;
}

/** What a sitting may take. */
export interface Sitting {
  readonly signal: AbortSignal;
  /** Milliseconds: what it leaves, another goes on with. No limit where absent. */
  readonly budgetMs?: number;
  /** Whether to leave the services in peace for a while after each sweep: three times as long as it took. */
  readonly atEase?: boolean;
}

const AT_EASE = 3;

/**
 * The look through everything that makes receipts final: one sweep for all erasures that have settled when it begins,
 * so that it costs the same for one as for a thousand. It goes on from where it stopped, in whatever process that is.
 *
 * An erasure is taken along only once nothing is left that leads to its images and no message of theirs is in a queue:
 * whatever mentions them was written before the sweep begins, and the sweep goes past it.
 */
export class Sweeps {
  readonly #deps: SweepsDeps;
  readonly ledger: SweepLedger;

  constructor(deps: SweepsDeps) {
    this.#deps = deps;
    this.ledger = new SweepLedger(deps.app.storage, deps.clock);
  }

  /** Goes on with the sweep that is under way, or begins one where an erasure waits for it. */
  async advance(sitting: Sitting): Promise<void> {
    const hold = await this.#take(sitting);
    if (!hold) return;
    const letGo = hold.keepAlive();
    try {
      await this.#work(hold, sitting);
    } finally {
      letGo();
      await hold.release();
    }
  }

  async #take({ atEase = false }: Sitting): Promise<Hold<Sweep> | undefined> {
    const { clock, ledger } = this.#deps;
    const sweeps = await this.ledger.list();
    const underWay = sweeps.find(({ endedAt }) => endedAt === '');
    if (underWay) return this.ledger.take(underWay.id);
    const unfinished = await ledger.unfinished();
    const last = sweeps.at(-1);
    for (const { id } of sweeps)
      if (id !== last?.id && !unfinished.some(({ receipt }) => receipt.sweep === id))
        await this.ledger.remove(id);
    if (!unfinished.some((entry) => canJoin(entry, clock()))) return undefined;
    if (atEase && last && clock() < Date.parse(last.endedAt) + AT_EASE * last.workedMs) return undefined;
    return this.ledger.begin();
  }

  async #work(hold: Hold<Sweep>, { signal, budgetMs = Number.POSITIVE_INFINITY }: Sitting): Promise<void> {
    const { app, clock, log } = this.#deps;
    const { entry } = hold;
    const began = clock();
    if (!entry.gathered) {
      await this.#gather(entry.id, signal);
      entry.gathered = true;
      await hold.keep();
    }
    const members = await this.#members(entry.id);
    const look = new LookThrough(hold, members, {
      ...{ ledger: this.ledger, stores: sweptStoresOf(app), clock, signal },
      goesOn: () => clock() - began < budgetMs,
    });
    // Nobody waits for it any more: another process took them along.
    const isThrough = members.length === 0 || (await look.run());
    entry.workedMs += clock() - began;
    if (!isThrough) return;
    entry.endedAt = new Date(clock()).toISOString();
    log.info('erasure.sweep', { sweep: entry.id, erasures: members.length, ms: entry.workedMs });
  }

  async #members(sweep: string): Promise<Member[]> {
    const members: Member[] = [];
    for (const { receipt } of await this.#deps.ledger.unfinished())
      if (receipt.sweep === sweep)
        members.push({ receipt: receipt.id, subjects: await this.#deps.ledger.subjects(receipt.id) });
    return members;
  }

  /** Takes along who has settled; the queues are looked at once for all of them. */
  async #gather(sweep: string, signal: AbortSignal): Promise<void> {
    const { app, ledger, clock, againMs } = this.#deps;
    const looks = await lookAtQueues(queuesOf(app), app.storage.queues);
    for (const one of await ledger.unfinished()) {
      signal.throwIfAborted();
      if (!canJoin(one, clock())) continue;
      const hold = await ledger.take(one.receipt.id);
      if (!hold) continue;
      const { receipt } = hold.entry;
      if (canJoin(hold.entry, clock())) {
        receipt.queues = judgeQueues(looks, targetOf(await ledger.subjects(receipt.id)));
        if (queuesAreDone(receipt, app.settings.OUTAGE_LIMIT, clock())) receipt.sweep = sweep;
        else receipt.settlesAt = new Date(clock() + againMs).toISOString();
      }
      await hold.release();
    }
  }
}

/** Whether an erasure waits for a sweep to begin. */
export const canJoin = ({ receipt, ready }: Entry, now: number): boolean =>
  receipt.state === 'provisional' &&
  ready &&
  receipt.sweep === undefined &&
  Date.parse(receipt.settlesAt ?? '') <= now;
