import { toRecordedError, UnavailableError } from '../../domain/errors.ts';
import type { Clock } from '../../domain/ports.ts';
import { SettingsError } from '../../domain/settings.ts';
import { statusOf } from '../../storage/status.ts';
import type { Hold } from '../hold.ts';
import { patiently } from '../patience.ts';
import { type Subject, targetOf } from '../subjects.ts';
import type { Sweep, SweepLedger } from './sweep-ledger.ts';
import type { Swept, SweptPage, Trace } from './swept.ts';
import { noteLeft, noteTraces } from './tally.ts';

/** After so long, in milliseconds, it is written down how far it has got. */
const SAVE_EVERY_MS = 1000;

/** An erasure that a sweep looks for. */
export interface Member {
  /** Id of its receipt. */
  readonly receipt: string;
  readonly subjects: readonly Subject[];
}

interface LookThroughDeps {
  readonly ledger: SweepLedger;
  readonly stores: readonly Swept[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether there is time for another page. */
  readonly goesOn: () => boolean;
}

/** One sitting of a sweep: from where the last one stopped to its end, or until there is no more time. */
export class LookThrough {
  readonly #hold: Hold<Sweep>;
  readonly #deps: LookThroughDeps;
  /** Receipts by the ids of their images. */
  readonly #receiptsOf = new Map<string, string[]>();
  readonly #target;
  #savedAt: number;

  constructor(hold: Hold<Sweep>, members: readonly Member[], deps: LookThroughDeps) {
    this.#hold = hold;
    this.#deps = deps;
    this.#savedAt = deps.clock();
    for (const { receipt, subjects } of members)
      for (const { id } of subjects) this.#receiptsOf.set(id, [...(this.#receiptsOf.get(id) ?? []), receipt]);
    this.#target = targetOf(members.flatMap(({ subjects }) => subjects));
  }

  /** @returns whether it is through */
  async run(): Promise<boolean> {
    const { entry } = this.#hold;
    for (const store of this.#deps.stores) {
      if (entry.done.includes(store.name)) continue;
      try {
        if (!(await this.#through(store))) return false;
      } catch (error) {
        // The service may not be asked now: its receipts wait for another sweep, the other stores do not.
        if (!(error instanceof UnavailableError || error instanceof SettingsError)) throw error;
        const why = `It could not be looked through: ${toRecordedError(error).message}`;
        entry.unknown = { ...entry.unknown, ...Object.fromEntries(store.stores.map((name) => [name, why])) };
      }
      entry.done = [...entry.done, store.name];
      entry.from = '';
      await this.#hold.keep();
    }
    return true;
  }

  async #through(store: Swept): Promise<boolean> {
    const { entry } = this.#hold;
    const { clock, signal, goesOn } = this.#deps;
    const look = store.open(this.#target);
    for (;;) {
      signal.throwIfAborted();
      const page = await this.#page(look);
      await this.#erase(store, page.traces);
      if (page.next === undefined) return true;
      entry.from = page.next;
      if (!goesOn()) return false;
      if (page.traces.length > 0 || clock() - this.#savedAt >= SAVE_EVERY_MS) await this.#save();
    }
  }

  async #page(look: ReturnType<Swept['open']>): Promise<SweptPage> {
    const { entry } = this.#hold;
    const { signal } = this.#deps;
    const from = entry.from === '' ? undefined : entry.from;
    try {
      return await patiently(() => look(from, signal), signal);
    } catch (error) {
      // The service no longer knows the place: from the beginning again, rather than never.
      if (from === undefined || statusOf(error) !== 400) throw error;
      entry.from = '';
      return await patiently(() => look(undefined, signal), signal);
    }
  }

  /** What was found is written down before it goes, so that one who goes on here reports no less. */
  async #erase(store: Swept, traces: readonly Trace[]): Promise<void> {
    const { ledger, signal } = this.#deps;
    const { entry } = this.#hold;
    const at = `${store.name}\n${entry.from}`;
    const found = await Promise.all(
      [...this.#byReceipt(traces)].map(async ([receipt, counts]) => ({
        receipt,
        counts,
        tally: await ledger.tally(entry.id, receipt),
      })),
    );
    const keep = async () => {
      for (const { receipt, tally } of found) await ledger.keepTally(entry.id, receipt, tally);
    };
    for (const { tally, counts } of found) {
      noteTraces(tally, at, counts);
      tally.leads ||= store.leads;
    }
    await keep();
    const left: Trace[] = [];
    for (const trace of traces) {
      await patiently(() => trace.erase(signal), signal);
      if (await patiently(() => trace.isLeft(signal), signal)) left.push(trace);
    }
    const remaining = this.#byReceipt(left);
    for (const { receipt, tally } of found) noteLeft(tally, remaining.get(receipt) ?? {});
    await keep();
  }

  /** How many of the traces each receipt has in each store. */
  #byReceipt(traces: readonly Trace[]): Map<string, Record<string, number>> {
    const counts = new Map<string, Record<string, number>>();
    for (const { store, ids } of traces)
      for (const receipt of new Set(ids.flatMap((id) => this.#receiptsOf.get(id) ?? []))) {
        const ofReceipt = counts.get(receipt) ?? {};
        ofReceipt[store] = (ofReceipt[store] ?? 0) + 1;
        counts.set(receipt, ofReceipt);
      }
    return counts;
  }

  async #save(): Promise<void> {
    await this.#hold.keep();
    this.#savedAt = this.#deps.clock();
  }
}
