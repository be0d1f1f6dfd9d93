import { RateLimitedError } from '../domain/errors.ts';
import type { Clock, Log } from '../domain/ports.ts';
import { MAX_RETRY_AFTER_MS } from '../domain/retry-after.ts';
import { isToCome } from '../domain/wrong-clock.ts';
import type { SharedThrottle } from './throttle.ts';
import type { After } from './timer.ts';

/** Longest wait inside a function; beyond it the message is put back as a delay instead. */
const MAX_WAIT_MS = 3000;

/** How old our knowledge of the shared row may be. */
const SHARED_READ_MS = 1000;

interface GovernorOptions {
  /** The service, for errors and logs. */
  service: string;
  /** Calls that may start within any second; below one, one call per `1 / callsPerSecond` seconds. */
  callsPerSecond: number;
  shared: SharedThrottle;
  clock: Clock;
  after: After;
  log: Log;
  maxWaitMs?: number;
}

interface Waiter {
  deadline: number;
  start(): void;
  refuse(waitMs: number): void;
}

/**
 * Holds one process to a service's calls per second: a sliding window log, so that no window of one second ever holds
 * more starts than allowed, wherever it begins. First come, first served. After a 429, known here or from the shared
 * row, nobody starts before the time it gave.
 */
export class RateGovernor {
  readonly #options: GovernorOptions;
  readonly #limit: number;
  readonly #windowMs: number;
  /** Start times of the last `#limit` calls, oldest first. */
  #starts: number[] = [];
  #waiting: Waiter[] = [];
  #notBefore = 0;
  #cancelTimer: (() => void) | undefined;
  #sharedReadAt = Number.NEGATIVE_INFINITY;
  #sharedRead: Promise<void> | undefined;

  constructor(options: GovernorOptions) {
    this.#options = options;
    this.#limit = Math.max(1, Math.floor(options.callsPerSecond));
    this.#windowMs = Math.ceil(1000 / Math.min(options.callsPerSecond, 1));
  }

  /**
   * Resolves when one call may start, at once or within three seconds.
   *
   * @throws {RateLimitedError} when it would take longer; the delay it carries is that wait
   * @throws the signal's reason when aborted; the place goes to the next in line
   */
  async acquire(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#lookAtShared();
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = () => {
      this.#waiting = this.#waiting.filter((other) => other !== waiter);
      reject(signal.reason);
      this.#pump();
    };
    const waiter: Waiter = {
      deadline: this.#now() + (this.#options.maxWaitMs ?? MAX_WAIT_MS),
      start: () => {
        signal.removeEventListener('abort', leave);
        resolve();
      },
      refuse: (ms) => {
        signal.removeEventListener('abort', leave);
        reject(this.#refusal(ms));
      },
    };
    signal.addEventListener('abort', leave, { once: true });
    this.#waiting.push(waiter);
    this.#pump();
    return promise;
  }

  /** Told of a 429: nobody here starts for `retryAfterMs`, and the other instances are told. */
  async postpone(retryAfterMs: number): Promise<void> {
    const notBefore = this.#now() + retryAfterMs;
    this.#delayUntil(notBefore);
    try {
      await this.#options.shared.postpone(notBefore);
    } catch (error) {
      this.#warn('throttle.write', error);
    }
  }

  #delayUntil(notBefore: number): void {
    this.#notBefore = Math.max(this.#notBefore, notBefore);
    this.#pump();
  }

  /** A pending read is shared by all who come, which also keeps their order. */
  async #lookAtShared(): Promise<void> {
    const now = this.#now();
    if (this.#sharedRead === undefined && now - this.#sharedReadAt >= SHARED_READ_MS) {
      this.#sharedReadAt = now;
      this.#sharedRead = this.#options.shared.read().then(
        (notBefore) => {
          if (isToCome(notBefore, this.#now(), MAX_RETRY_AFTER_MS)) this.#delayUntil(notBefore);
        },
        (error) => this.#warn('throttle.read', error),
      );
      this.#sharedRead = this.#sharedRead.finally(() => {
        this.#sharedRead = undefined;
      });
    }
    await this.#sharedRead;
  }

  /** Starts whoever may start, refuses whoever would wait too long, and sets the timer for the next. */
  #pump(): void {
    this.#cancelTimer?.();
    for (;;) {
      const now = this.#now();
      const waiter = this.#waiting[0];
      if (waiter === undefined) return;
      const [at = now] = this.#forecast(1, now);
      if (at > now) {
        if (this.#refuseTheLate(now)) continue;
        this.#cancelTimer = this.#options.after(at - now, () => this.#pump());
        return;
      }
      this.#waiting.shift();
      this.#starts = [...this.#starts, now].slice(-this.#limit);
      waiter.start();
    }
  }

  #refuseTheLate(now: number): boolean {
    const starts = this.#forecast(this.#waiting.length, now);
    const late: (() => void)[] = [];
    this.#waiting = this.#waiting.filter((waiter, place) => {
      const at = Number(starts[place]);
      if (at <= waiter.deadline) return true;
      late.push(() => waiter.refuse(at - now));
      return false;
    });
    for (const refuse of late) refuse();
    return late.length > 0;
  }

  /** Start times of the next `count` calls, were they all waiting. */
  #forecast(count: number, now: number): number[] {
    const first = Math.max(now, this.#notBefore);
    const all = [...this.#starts];
    const forecast: number[] = [];
    for (let index = 0; index < count; index++) {
      const before = all[all.length - this.#limit];
      const at = before === undefined ? first : Math.max(first, before + this.#windowMs);
      all.push(at);
      forecast.push(at);
    }
    return forecast;
  }

  /** Never before the last start: a clock set back must not stop all calls for as long as it was set back. */
  #now(): number {
    const now = this.#options.clock();
    const last = this.#starts.at(-1);
    if (last !== undefined && now < last - this.#windowMs) {
      this.#starts = this.#starts.map((start) => start - last + now);
      this.#notBefore = Math.min(this.#notBefore, now + MAX_WAIT_MS);
      this.#sharedReadAt = Number.NEGATIVE_INFINITY;
    }
    return now;
  }

  #refusal(waitMs: number): RateLimitedError {
    const message = `The calls per second set for ${this.#options.service} are used up for the next ${Math.ceil(waitMs / 1000)} s.`;
    return new RateLimitedError(message, waitMs);
  }

  #warn(event: string, error: unknown): void {
    const { statusCode, code } = error as { statusCode?: unknown; code?: unknown };
    this.#options.log.warn(event, { service: this.#options.service, statusCode, code });
  }
}
