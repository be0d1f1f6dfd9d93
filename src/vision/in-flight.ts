import { RateLimitedError } from '../domain/errors.ts';
import { type After, realAfter } from './timer.ts';

/** Calls under way at first: the services take more, and it doubles with each round of prompt answers. */
const AT_FIRST = 4;

/** Longest wait for a place, well within a step's four minutes; then the message is put back. */
const MAX_WAIT_MS = 120_000;

/** Delay of a message that has waited in vain. */
const COME_BACK_MS = 5000;

interface InFlightOptions {
  /** The service, for errors. */
  service: string;
  /** An answer that takes longer says that the service has enough to do. */
  promptMs: number;
  after?: After;
  maxWaitMs?: number;
}

interface Waiter {
  /** Of the step that calls: the lower, the older. */
  age: number;
  start(): void;
}

/**
 * How many calls of a process are under way at once: as many as the service answers promptly, learnt from its answers
 * (additive increase, multiplicative decrease; Chiu and Jain, 1989). A service with a queue, such as the engine of one
 * machine, is so not given more than it can answer in time, and what waits, waits here, rather than being refused there
 * and put back behind all other messages. The step that began first goes first, with each of its calls: otherwise one
 * of many calls would wait its turn as many times, and run out of time.
 */
export class InFlight {
  readonly #options: InFlightOptions;
  #limit = AT_FIRST;
  #running = 0;
  /** Oldest step first. */
  #waiting: Waiter[] = [];
  #steps = 0;
  readonly #ages = new WeakMap<AbortSignal, number>();

  constructor(options: InFlightOptions) {
    this.#options = options;
  }

  /** Calls that may be under way at once. */
  get limit(): number {
    return this.#limit;
  }

  /**
   * Resolves when a call may start. Each is followed by one `leave`.
   *
   * @param signal of the step: all its calls bring the same one
   * @throws {RateLimitedError} after two minutes without a place
   * @throws the signal's reason when aborted
   */
  async enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const age = this.#ages.get(signal) ?? this.#steps++;
    this.#ages.set(signal, age);
    if (this.#waiting.length === 0 && this.#running < this.#limit) {
      this.#running++;
      return;
    }
    const { service, after = realAfter, maxWaitMs = MAX_WAIT_MS } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const settle = () => {
      cancel();
      signal.removeEventListener('abort', abort);
      this.#waiting = this.#waiting.filter((other) => other !== waiter);
    };
    const waiter: Waiter = {
      age,
      start: () => {
        settle();
        this.#running++;
        resolve();
      },
    };
    const abort = () => {
      settle();
      reject(signal.reason);
    };
    const cancel = after(maxWaitMs, () => {
      settle();
      const message = `The calls that ${service} answers in time are all under way.`;
      reject(new RateLimitedError(message, COME_BACK_MS));
    });
    signal.addEventListener('abort', abort);
    const younger = this.#waiting.findIndex((other) => other.age > age);
    this.#waiting.splice(younger < 0 ? this.#waiting.length : younger, 0, waiter);
    return promise;
  }

  /**
   * A call has ended.
   *
   * @param tookMs how long its answer took; `refused` where the service had too much to do; undefined where its end
   *   says nothing of that
   */
  leave(tookMs: number | 'refused' | undefined): void {
    const { promptMs } = this.#options;
    const isFull = this.#running >= this.#limit;
    const carried = this.#running;
    this.#running--;
    if (tookMs === 'refused' || (tookMs !== undefined && tookMs > promptMs)) {
      this.#limit = Math.max(1, Math.min(this.#limit, Math.floor(carried * 0.75)));
    } else if (tookMs !== undefined && isFull) this.#limit++;
    while (this.#running < this.#limit) {
      const next = this.#waiting[0];
      if (next === undefined) return;
      next.start();
    }
  }
}
