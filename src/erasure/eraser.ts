import { toRecordedError, UnavailableError } from '../domain/errors.ts';
import type { Log } from '../domain/ports.ts';
import { SettingsError } from '../domain/settings.ts';
import { containers, tables } from '../storage/names.ts';
import { type Hold, Ledger } from './ledger.ts';
import { type Beyond, beyondOf, placesOf, queuesOf } from './map.ts';
import { patiently } from './patience.ts';
import type { ErasureParts, Place } from './place.ts';
import { countQueues } from './queues.ts';
import { newReceiptId, noteFound, noteRemaining, noteUnknown, type Receipt, remainingIn } from './receipt.ts';
import { ErasureRefusedError, type ErasureRequest } from './request.ts';
import { select } from './select.ts';
import { forEach, hashOfIds, isEnquiry, type Look, type Subject, type Target, targetOf } from './subjects.ts';

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
  readonly #clock: () => number;

  constructor(deps: EraserDeps) {
    this.#deps = deps;
    this.#clock = deps.clock ?? deps.app.clock;
    this.#ledger = new Ledger(deps.app.storage, this.#clock);
  }

  /** What `erase` would erase. @throws {ErasureRefusedError} */
  async plan(request: ErasureRequest, signal: AbortSignal): Promise<ErasurePlan> {
    const subjects = await select(request, this.#deps.app, signal);
    const look: Look = { thorough: false, signal };
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
    const receipt = await this.begin(request, by, signal);
    return receipt && this.proceed(receipt.id, signal);
  }

  /** As `erase`, but only writes down what is to be done. */
  async begin(request: ErasureRequest, by: string, signal: AbortSignal): Promise<Receipt | undefined> {
    const under = (await this.#ledger.unfinished(request))?.receipt;
    if (under?.state === 'running') return under;
    const subjects = await select(request, this.#deps.app, signal).catch((error: unknown) => {
      // A face that is not known any more was erased by the erasure that is not final yet.
      if (under && error instanceof ErasureRefusedError) return [];
      throw error;
    });
    if (subjects.length === 0) {
      const earlier =
        request.kind === 'image' && (await this.#deps.app.journal.tombstones.erasureOf(request.image));
      return under ?? (earlier ? this.receipt(earlier) : undefined);
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
    const progress = { selected: false, placesDone: 0, placeBegun: false, audited: false };
    await this.#ledger.add({ receipt, request, ...progress });
    const hold = await this.#ledger.take(id);
    if (!hold) return receipt;
    await this.#list(hold, subjects);
    await hold.release();
    return hold.entry.receipt;
  }

  /** Does what can be done of an erasure now. @returns undefined where there is none of this id */
  async proceed(id: string, signal: AbortSignal): Promise<Receipt | undefined> {
    const hold = await this.#ledger.take(id);
    if (!hold) return this.receipt(id);
    const letGo = hold.keepAlive();
    try {
      await this.#work(hold, signal);
    } finally {
      letGo();
      await hold.release();
    }
    return hold.entry.receipt;
  }

  /** Goes on with everything that is not final: for a timer. */
  async resume(signal: AbortSignal): Promise<void> {
    for await (const { receipt } of this.#ledger.list()) {
      if (receipt.state === 'final') continue;
      signal.throwIfAborted();
      try {
        await this.proceed(receipt.id, signal);
      } catch (error) {
        // One that cannot go on now must not hold up the others.
        this.#deps.log.warn('erasure.waiting', { erasure: receipt.id, code: toRecordedError(error).code });
      }
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
    const progress = { selected: true, placesDone: 0, placeBegun: false, audited: true };
    await this.#ledger.add({ receipt, request: undefined, ...progress });
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

  async #work(hold: Hold, signal: AbortSignal): Promise<void> {
    const { entry } = hold;
    const { receipt } = entry;
    if (receipt.state === 'final' || (receipt.settlesAt && this.#clock() < Date.parse(receipt.settlesAt)))
      return;
    if (!entry.selected && entry.request) {
      await this.#list(hold, await select(entry.request, this.#deps.app, signal));
    }
    const subjects = await this.#ledger.subjects(receipt.id);
    await this.#record(hold);
    const target = targetOf(subjects);
    const thorough = receipt.state === 'provisional';
    if (!thorough) await this.#entomb(subjects, receipt, signal);
    await this.#eraseAll(hold, target, { thorough, signal });
    receipt.queues = await countQueues(queuesOf(this.#deps.app), this.#deps.app.storage.queues, target);
    const now = this.#clock();
    const at = new Date(now).toISOString();
    const { settleMs = SETTLE_MS } = this.#deps;
    if (!thorough) {
      Object.assign(receipt, { state: 'provisional', erasedAt: at });
      receipt.settlesAt = new Date(now + settleMs).toISOString();
    } else if (remainingIn(receipt) === 0 && this.#queuesAreDone(receipt, now)) {
      await this.#ledger.removeSubjects(receipt.id);
      Object.assign(receipt, { state: 'final', finalAt: at });
      entry.request = undefined;
    } else {
      receipt.settlesAt = new Date(now + Math.min(AGAIN_MS, settleMs)).toISOString();
    }
    entry.placesDone = 0;
    this.#deps.log.info('erasure', { erasure: receipt.id, state: receipt.state, images: receipt.images });
  }

  /** Writes down which images they are, so that it can go on when nothing but this list knows them any more. */
  async #list(hold: Hold, selected: readonly Subject[]): Promise<void> {
    const { entry } = hold;
    const { id } = entry.receipt;
    await this.#ledger.addSubjects(id, selected);
    // Also what an earlier try had listed before it ended.
    const subjects = await this.#ledger.subjects(id);
    entry.receipt.images = subjects.filter((subject) => !isEnquiry(subject)).length;
    entry.receipt.idsHash = hashOfIds(subjects.map((subject) => subject.id));
    entry.selected = true;
    await keep(hold);
  }

  async #record(hold: Hold): Promise<void> {
    const { entry } = hold;
    if (entry.audited) return;
    const { id, kind, askedBy, images } = entry.receipt;
    await this.#deps.record?.({ by: askedBy, kind, receipt: id, images });
    entry.audited = true;
    await keep(hold);
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

  async #eraseAll(hold: Hold, target: Target, look: Look): Promise<void> {
    const { entry } = hold;
    const places = placesOf(this.#deps.app);
    for (const place of places.slice(entry.placesDone)) {
      look.signal.throwIfAborted();
      await this.#eraseFrom(place, hold, target, look);
      entry.placesDone += 1;
      entry.placeBegun = false;
      await keep(hold);
    }
  }

  async #eraseFrom(place: Place, hold: Hold, target: Target, look: Look): Promise<void> {
    const { entry } = hold;
    const count = () => patiently(() => place.count(target, look), look.signal);
    try {
      // What was found is written down before it goes, so that one who goes on here reports no less.
      if (!entry.placeBegun) {
        noteFound(entry.receipt, await count());
        entry.placeBegun = true;
        await keep(hold);
      }
      await patiently(() => place.erase(target, look), look.signal);
      noteRemaining(entry.receipt, await count(), 'It could not be deleted yet, or was written meanwhile.');
    } catch (error) {
      // The service may not be asked now; the other places do not wait for it.
      if (!(error instanceof UnavailableError || error instanceof SettingsError)) throw error;
      noteUnknown(
        entry.receipt,
        place.stores.map(({ name }) => name),
        `It could not be counted: ${error.message}`,
      );
    }
  }

  /**
   * Whether no queue can hold a message about the erased images any more. A queue that is too long to be looked through
   * counts as done once OUTAGE_LIMIT has passed since the erasure: by then every message that was there has been
   * delivered, unless its step is paused.
   */
  #queuesAreDone({ queues, erasedAt = '' }: Receipt, now: number): boolean {
    const limitMs = this.#deps.app.settings.OUTAGE_LIMIT * 3_600_000;
    return queues.every(({ confirmed }) => confirmed) || now - Date.parse(erasedAt) > limitMs;
  }
}

async function keep(hold: Hold): Promise<void> {
  if (!(await hold.save())) throw new Error('Another process has taken this erasure over.');
}
