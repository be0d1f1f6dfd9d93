import { AsyncLocalStorage } from 'node:async_hooks';
import { PermanentError, RateLimitedError } from '../domain/errors.ts';

/** As `MAX_DECODE_BYTES` has it by default: what an instance of 2 GB has left beside everything else. */
const DEFAULT_BYTES = 1_000_000_000;
/** Who has waited so long comes back later: the time of a step is meant for its work. */
const MAX_WAIT_MS = 60_000;
const RETRY_AFTER_MS = 10_000;

/** What one piece of work holds, its decodes one in another included. */
interface Holder {
  bytes: number;
  /** What outlasts its decode: pixels that are still looked at. */
  kept: number;
}

interface Waiter {
  bytes: number;
  holder: Holder;
  enter(): void;
}

/**
 * The memory that a process may spend on decoding, as a weighted semaphore: whoever comes first enters first. Small files
 * unpack to gigabytes, and several at once are more than a host has.
 *
 * Decodes nest. Work that holds a part already never waits for more, for two such would wait for each other; what it takes
 * beyond is counted, so that others wait the longer.
 */
export class DecodeBudget {
  #limit: number;
  readonly #maxWaitMs: number;
  #taken = 0;
  #waiting: Waiter[] = [];
  readonly #holders = new AsyncLocalStorage<Holder>();

  constructor(limit = DEFAULT_BYTES, maxWaitMs = MAX_WAIT_MS) {
    this.#limit = limit;
    this.#maxWaitMs = maxWaitMs;
  }

  /** Bytes in use, as estimated. */
  get taken(): number {
    return this.#taken;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  set limit(bytes: number) {
    this.#limit = bytes;
    this.#admit();
  }

  /**
   * Does work that takes up to so many bytes of memory, once there is room.
   *
   * @param kept what of it the result still takes, until the end of the `piece` of work that this is part of
   * @throws {PermanentError} ImageNeedsTooMuchMemory, where it is more than there is in all
   * @throws {RateLimitedError} where there was no room for a minute
   */
  async within<T>(bytes: number, work: () => Promise<T>, kept?: (result: T) => number): Promise<T> {
    this.check(bytes);
    const piece = this.#holders.getStore();
    const holder = piece ?? { bytes: 0, kept: 0 };
    await this.#enter(bytes, holder);
    let stays = 0;
    try {
      const result = await this.#holders.run(holder, work);
      if (piece) stays = kept?.(result) ?? 0;
      return result;
    } finally {
      holder.kept += stays;
      this.#leave(bytes - stays, holder);
    }
  }

  /** Work whose decodes leave pixels behind that are in use until it ends: a step, a call of the API. */
  async piece<T>(work: () => Promise<T>): Promise<T> {
    if (this.#holders.getStore()) return work();
    const holder: Holder = { bytes: 0, kept: 0 };
    try {
      return await this.#holders.run(holder, work);
    } finally {
      this.#leave(holder.kept, holder);
    }
  }

  /** @throws {PermanentError} ImageNeedsTooMuchMemory */
  check(bytes: number): void {
    if (bytes <= this.#limit) return;
    throw new PermanentError(
      'ImageNeedsTooMuchMemory',
      `Decoding this image would take about ${megabytes(bytes)} MB of memory; at most ${megabytes(this.#limit)} MB may be used. Save it smaller, or as a baseline JPEG (8 bits, neither interlaced nor progressive), and upload that; or raise MAX_DECODE_BYTES.`,
    );
  }

  /** @throws where nothing is held: a decode that nobody counts is a mistake of ours */
  assertHeld(): void {
    if ((this.#holders.getStore()?.bytes ?? 0) > 0) return;
    throw new Error('An image is decoded outside of the budget for it: put "decodeBudget.within" around.');
  }

  async #enter(bytes: number, holder: Holder): Promise<void> {
    const isFree = this.#waiting.length === 0 && this.#taken + bytes <= this.#limit;
    if (holder.bytes > 0 || isFree) {
      this.#take(bytes, holder);
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { bytes, holder, enter: resolve };
    this.#waiting.push(waiter);
    const timer = setTimeout(() => {
      this.#waiting = this.#waiting.filter((other) => other !== waiter);
      reject(
        new RateLimitedError(
          'Other images are being decoded, and there is no memory for this one yet.',
          RETRY_AFTER_MS,
          { code: 'DecodingBusy' },
        ),
      );
      this.#admit();
    }, this.#maxWaitMs);
    await promise.finally(() => clearTimeout(timer));
  }

  #take(bytes: number, holder: Holder): void {
    this.#taken += bytes;
    holder.bytes += bytes;
  }

  #leave(bytes: number, holder: Holder): void {
    this.#taken -= bytes;
    holder.bytes -= bytes;
    this.#admit();
  }

  /** In order of arrival, but whoever holds a part meanwhile at once. */
  #admit(): void {
    const left: Waiter[] = [];
    for (const waiter of this.#waiting) {
      const isNext = left.length === 0 && this.#taken + waiter.bytes <= this.#limit;
      if (waiter.holder.bytes > 0 || isNext) {
        this.#take(waiter.bytes, waiter.holder);
        waiter.enter();
      } else {
        left.push(waiter);
      }
    }
    this.#waiting = left;
  }
}

const megabytes = (bytes: number): string => Math.ceil(bytes / 1e6).toLocaleString('en');

/** The one of this process, or of this worker thread. */
export const decodeBudget = new DecodeBudget();
