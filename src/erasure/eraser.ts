import { toRecordedError } from '../domain/errors.ts';
import type { Log } from '../domain/ports.ts';
import { containers, tables } from '../storage/names.ts';
import type { Hold } from './hold.ts';
import { type Entry, Ledger } from './ledger.ts';
import { type Beyond, beyondOf, placesOf } from './map.ts';
import { eraseFrom } from './pass.ts';
import { patiently } from './patience.ts';
import type { ErasureParts, Place } from './place.ts';
import { newReceiptId, noteSwept, type Receipt, remainingIn, remainingOf } from './receipt.ts';
import { ErasureRefusedError, type ErasureRequest } from './request.ts';
import { select } from './select.ts';
import { forEach, hashOfIds, isEnquiry, type Look, type Subject, targetOf } from './subjects.ts';
import { canJoin, type Sitting, Sweeps } from './sweep/sweeps.ts';
import { foundIn } from './sweep/tally.ts';

/** What the audit is told of an erasure, once. */
interface ErasureRecord {
  /** Who asked. */
  by: string;
  kind: Receipt['kind'];
  /** Id of the receipt. */
  receipt: string;
  images: number;
}

export interface EraserDeps {
  app: ErasureParts;
  log: Log;
  /** Where who did what is recorded; called once per erasure, before anything is deleted. */
  record?: (entry: ErasureRecord) => Promise<void>;
  /** Milliseconds after which whoever was at work when the tombstones were set has ended. */
  settleMs?: number;
  /** Differs from the app's own only in tests. */
  clock?: () => number;
}

/**
 * The host ends an invocation after ten minutes (`functionTimeout`), and a process that stood still for longer may come
 * back once.
 */
const SETTLE_MS = 12 * 60_000;

/** After so long without one, a provisional erasure is looked at again. */
const AGAIN_MS = 5 * 60_000;

/** How far an erasure is when it begins. */
const NOTHING_DONE = { selected: false, counted: false, placesDone: 0, audited: false, ready: false };

/** What an erasure would do. */
export interface ErasurePlan {
  subjects: Subject[];
  /** By store. */
  found: Record<string, number>;
}

/**
 * Erases images with everything that was made of them: tombstones first, then place by place over the map of the data,
 * each counted before and after. Safe to end anywhere and to be called again, by whichever process.
 */
export class Eraser {
  readonly #deps: EraserDeps;
  readonly #ledger: Ledger;
  readonly #sweeps: Sweeps;
  readonly #clock: () => number;

  constructor(deps: EraserDeps) {
    this.#deps = deps;
    this.#clock = deps.clock ?? deps.app.clock;
    this.#ledger = new Ledger(deps.app.storage, this.#clock);
    this.#sweeps = new Sweeps({
      ...{ app: deps.app, log: deps.log, ledger: this.#ledger, clock: this.#clock },
      againMs: this.#againMs,
    });
  }

  /** What `erase` would erase. @throws {ErasureRefusedError} */
  async plan(request: ErasureRequest, signal: AbortSignal): Promise<ErasurePlan> {
    const subjects = await select(request, this.#deps.app, signal);
    const look: Look = { signal };
    const found: Record<string, number> = {};
    if (subjects.length === 0) return { subjects, found };
    for (const place of placesOf(this.#deps.app))
      Object.assign(found, await patiently(() => place.count(targetOf(subjects), look), signal));
    return { subjects, found };
  }

  /**
   * Begins an erasure, or goes on with the one that was asked for in the same words, is not final, and leaves nothing
   * for another.
   *
   * @param by who asks: a person's name as the platform signed them in, or the program
   * @returns undefined where there is nothing to erase, and no receipt says that there was
   * @throws {ErasureRefusedError}
   */
  async erase(request: ErasureRequest, by: string, signal: AbortSignal): Promise<Receipt | undefined> {
    const { hold, receipt, subjects } = await this.#begin(request, by, signal);
    if (hold) {
      await this.#workOn(hold, signal, subjects);
      return hold.entry.receipt;
    }
    return receipt && this.proceed(receipt.id, signal);
  }

  /** As `erase`, but only writes down what is to be done. */
  async begin(request: ErasureRequest, by: string, signal: AbortSignal): Promise<Receipt | undefined> {
    const { hold, receipt } = await this.#begin(request, by, signal);
    await hold?.release();
    return hold?.entry.receipt ?? receipt;
  }

  /** @returns the hold on a new one, and its images; or the receipt of one that was asked for before, if there is any */
  async #begin(
    request: ErasureRequest,
    by: string,
    signal: AbortSignal,
  ): Promise<{ hold?: Hold<Entry>; subjects?: readonly Subject[]; receipt?: Receipt | undefined }> {
    const under = (await this.#ledger.unfinishedOf(request))?.receipt;
    if (under?.state === 'running') return { receipt: under };
    const subjects = await select(request, this.#deps.app, signal).catch((error: unknown) => {
      // A face that is not known any more was erased by the erasure that is not final yet.
      if (under && error instanceof ErasureRefusedError) return [];
      throw error;
    });
    if (subjects.length === 0) {
      const earlier =
        request.kind === 'image' && (await this.#deps.app.journal.tombstones.erasureOf(request.image));
      return { receipt: under ?? (earlier ? await this.receipt(earlier) : undefined) };
    }
    const now = new Date(this.#clock()).toISOString();
    const id = newReceiptId(this.#clock());
    const receipt: Receipt = {
      id,
      kind: request.kind,
      state: 'running',
      askedBy: by,
      askedAt: now,
      images: 0,
      idsHash: '',
      stores: [],
      queues: [],
      beyond: await this.#beyond(),
    };
    const hold = await this.#ledger.begin({ receipt, request, ...NOTHING_DONE });
    await this.#ledger.addSubjects(id, subjects);
    await this.#listed(hold, subjects);
    return { hold, subjects };
  }

  /** Does what can be done of an erasure now. @returns undefined where there is none of this id */
  async proceed(id: string, signal: AbortSignal): Promise<Receipt | undefined> {
    const entry = await this.#ledger.get(id);
    if (!entry) return undefined;
    const waits = canJoin(entry, this.#clock()) || entry.receipt.sweep !== undefined;
    if (!waits) return this.#goOn(id, signal);
    // The first may be one of others, which began before this erasure had settled.
    for (let sweeps = 0; sweeps < 2; sweeps += 1) {
      await this.#sweeps.advance({ signal });
      const receipt = await this.#goOn(id, signal);
      if (receipt?.state === 'final') return receipt;
    }
    return this.receipt(id);
  }

  /**
   * Goes on with everything that is not final: for a timer.
   *
   * @param sitting how much of the sweep to do of which receipts become final
   */
  async resume(signal: AbortSignal, sitting: Omit<Sitting, 'signal'> = {}): Promise<void> {
    await this.#goOnWithAll(signal);
    try {
      await this.#sweeps.advance({ ...sitting, signal });
    } catch (error) {
      signal.throwIfAborted();
      this.#deps.log.warn('erasure.sweep.waiting', { code: toRecordedError(error).code });
    }
    await this.#goOnWithAll(signal);
  }

  async #goOnWithAll(signal: AbortSignal): Promise<void> {
    const now = this.#clock();
    for (const entry of await this.#ledger.unfinished()) {
      signal.throwIfAborted();
      if (canJoin(entry, now)) continue;
      const { id } = entry.receipt;
      try {
        await this.#goOn(id, signal);
      } catch (error) {
        // One that cannot go on now must not hold up the others.
        this.#deps.log.warn('erasure.waiting', { erasure: id, code: toRecordedError(error).code });
      }
    }
  }

  async #goOn(id: string, signal: AbortSignal): Promise<Receipt | undefined> {
    const hold = await this.#ledger.take(id);
    if (!hold) return this.receipt(id);
    await this.#workOn(hold, signal);
    return hold.entry.receipt;
  }

  /** @param subjects its images, where they are known */
  async #workOn(hold: Hold<Entry>, signal: AbortSignal, subjects?: readonly Subject[]): Promise<void> {
    const letGo = hold.keepAlive();
    try {
      await this.#work(hold, signal, subjects);
    } finally {
      letGo();
      await hold.release();
    }
  }

  /** Writes the receipt of faces that were taken out of the gallery, their images staying. */
  async recordFaceprints(faces: readonly string[], remaining: number, by: string): Promise<Receipt> {
    const now = this.#clock();
    const at = new Date(now).toISOString();
    const found = faces.length;
    const receipt: Receipt = {
      id: newReceiptId(now),
      kind: 'faceprints',
      state: 'final',
      askedBy: by,
      askedAt: at,
      erasedAt: at,
      finalAt: at,
      images: found,
      idsHash: hashOfIds(faces),
      stores: [{ store: `table:${tables.faceIndex}`, found, deleted: found - remaining, remaining }],
      queues: [],
      beyond: await this.#beyond(),
    };
    await this.#deps.record?.({ by, kind: receipt.kind, receipt: receipt.id, images: found });
    // It is final: nobody goes on with it.
    await (await this.#ledger.begin({ receipt, request: undefined, ...NOTHING_DONE })).release();
    return receipt;
  }

  async #beyond(): Promise<readonly Beyond[]> {
    return beyondOf(await this.#deps.app.storage.blobs.serverOf(containers.input));
  }

  async receipt(id: string): Promise<Receipt | undefined> {
    return (await this.#ledger.get(id))?.receipt;
  }

  /** Newest first. */
  async receipts(): Promise<Receipt[]> {
    const receipts: Receipt[] = [];
    for await (const { receipt } of this.#ledger.list()) receipts.unshift(receipt);
    return receipts;
  }

  async #work(hold: Hold<Entry>, signal: AbortSignal, known?: readonly Subject[]): Promise<void> {
    const { entry } = hold;
    const { receipt } = entry;
    if (receipt.state === 'final') return;
    if (receipt.sweep !== undefined) return this.#close(hold, receipt.sweep, signal);
    // Then it waits for its time, or for a sweep to begin.
    if (entry.ready || (receipt.settlesAt && this.#clock() < Date.parse(receipt.settlesAt))) return;
    if (!entry.selected && entry.request) {
      await this.#ledger.addSubjects(receipt.id, await select(entry.request, this.#deps.app, signal));
      // Also what an earlier try had listed before it ended.
      await this.#listed(hold, await this.#ledger.subjects(receipt.id));
    }
    const subjects = known ?? (await this.#ledger.subjects(receipt.id));
    await this.#record(hold);
    if (receipt.state === 'running') await this.#entomb(subjects, receipt, signal);
    const places = placesOf(this.#deps.app);
    await eraseFrom(places, hold, targetOf(subjects), { signal, clock: this.#clock, by: receipt.askedBy });
    const now = this.#clock();
    const { settleMs = SETTLE_MS } = this.#deps;
    const leading = places.flatMap(({ leads, stores }) => (leads ? stores : []));
    entry.ready = leading.every(({ name }) => remainingOf(receipt, name) === 0);
    receipt.erasedAt ??= new Date(now).toISOString();
    receipt.state = 'provisional';
    // Who had found a face just before it went may still be at work.
    receipt.settlesAt = new Date(now + (entry.ready ? settleMs : this.#againMs)).toISOString();
    this.#tell(receipt);
  }

  /** After its sweep: what that has found, once more what the images' own rows lead to, and then it is final. */
  async #close(hold: Hold<Entry>, sweepId: string, signal: AbortSignal): Promise<void> {
    const { entry } = hold;
    const { receipt } = entry;
    const sweeps = this.#sweeps.ledger;
    const sweep = await sweeps.get(sweepId);
    if (sweep?.endedAt === '') return;
    const target = targetOf(await this.#ledger.subjects(receipt.id));
    const places = placesOf(this.#deps.app);
    const before = foundWhereItLeads(receipt, places);
    await eraseFrom(places, hold, target, { signal, clock: this.#clock, by: receipt.askedBy });
    const tally = await sweeps.tally(sweepId, receipt.id);
    // What leads to its images and came back meanwhile can have made others mention them.
    const cameBack = tally.leads || foundWhereItLeads(receipt, places) > before;
    noteSwept(receipt, foundIn(tally), sweep?.unknown ?? {});
    const now = this.#clock();
    if (sweep && remainingIn(receipt) === 0 && !cameBack) {
      await this.#ledger.removeSubjects(receipt.id);
      Object.assign(receipt, { state: 'final', finalAt: new Date(now).toISOString() });
      entry.request = undefined;
    } else {
      entry.ready = false;
      receipt.settlesAt = new Date(now + this.#againMs).toISOString();
    }
    delete receipt.sweep;
    // What the sweep has found stands in the receipt from here on, once.
    await hold.keep();
    await sweeps.removeTally(sweepId, receipt.id);
    this.#tell(receipt);
  }

  /** How long one that could not be finished is left alone. */
  get #againMs(): number {
    return Math.min(AGAIN_MS, this.#deps.settleMs ?? SETTLE_MS);
  }

  #tell({ id, state, images }: Receipt): void {
    this.#deps.log.info('erasure', { erasure: id, state, images });
  }

  /** Writes down that all its images are listed: it can go on when nothing but that list knows them any more. */
  async #listed(hold: Hold<Entry>, subjects: readonly Subject[]): Promise<void> {
    const { entry } = hold;
    entry.receipt.images = subjects.filter((subject) => !isEnquiry(subject)).length;
    entry.receipt.idsHash = hashOfIds(subjects.map((subject) => subject.id));
    entry.selected = true;
    await hold.keep();
  }

  async #record(hold: Hold<Entry>): Promise<void> {
    const { entry } = hold;
    if (entry.audited) return;
    const { id, kind, askedBy, images } = entry.receipt;
    await this.#deps.record?.({ by: askedBy, kind, receipt: id, images });
    entry.audited = true;
    await hold.keep();
  }

  /** In this order: whoever looks for a tombstone after writing finds it, or its writing is found here. */
  async #entomb(subjects: readonly Subject[], { id, askedAt }: Receipt, signal: AbortSignal): Promise<void> {
    const { journal, results } = this.#deps.app;
    await forEach(subjects, { signal }, (subject) => journal.tombstones.set(subject.id, id, askedAt));
    await (await results()).erasures.entomb(
      subjects.map((subject) => subject.id),
      id,
    );
    await forEach(subjects, { signal }, (subject) =>
      journal.markErased(subject.batchId, subject.id, askedAt),
    );
  }
}

/** What was found so far in the places that make other images mention the erased ones. */
const foundWhereItLeads = ({ stores }: Receipt, places: readonly Place[]): number => {
  const leading = places.flatMap(({ leads, stores: names }) => (leads ? names.map(({ name }) => name) : []));
  return stores.reduce((sum, { store, found }) => sum + (leading.includes(store) ? found : 0), 0);
};
