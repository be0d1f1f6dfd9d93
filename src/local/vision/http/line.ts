import type { Clock } from '../../../domain/ports.ts';
import { gatewayErrors } from '../errors.ts';

/** What a turn is taken to last before the first was measured. */
const GUESS_MS = 1000;

/** Turns that the measured time is the mean of: the first of a process load the models, and are forgotten soon. */
const MEASURED = 16;

interface LineOptions {
  /** Turns at once: the worker threads. */
  places: number;
  /** A call that would be answered later than this is refused: its client would have gone by then. */
  answerWithinMs: number;
  clock: Clock;
}

interface Waiter {
  since: number;
  start(): void;
  refuse(seconds: number): void;
}

/**
 * The calls that wait for the models, in order of arrival. Who would wait too long is told so at once, and when to
 * come back, rather than left to time out after the models have worked for nobody.
 */
export class Line {
  readonly #options: LineOptions;
  #waiting: Waiter[] = [];
  #running = 0;
  /** Milliseconds, oldest first. */
  readonly #lasted: number[] = [];

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /** Calls that wait, those whose turn it is not counted. */
  get length(): number {
    return this.#waiting.length;
  }

  /**
   * Resolves when it is this call's turn, with what ends the turn.
   *
   * @param gone aborted when the client goes away: the call leaves the line
   * @throws {ServiceError} 429 with the seconds until there is room
   * @throws the signal's reason when aborted
   */
  async enter(gone: AbortSignal): Promise<() => void> {
    gone.throwIfAborted();
    const { answerWithinMs, clock } = this.#options;
    const isFree = this.#running < this.#options.places && this.#waiting.length === 0;
    const lateMs = this.#answerMs(this.#waiting.length) - answerWithinMs;
    if (!isFree && lateMs > 0) throw gatewayErrors.rateLimited(toSeconds(lateMs));
    const { promise, resolve, reject } = Promise.withResolvers<() => void>();
    const settle = () => {
      clearTimeout(timer);
      gone.removeEventListener('abort', leave);
      this.#waiting = this.#waiting.filter((other) => other !== waiter);
    };
    const waiter: Waiter = {
      since: clock(),
      start: () => {
        settle();
        resolve(this.#begin());
      },
      refuse: (seconds) => {
        settle();
        reject(gatewayErrors.rateLimited(seconds));
      },
    };
    const leave = () => {
      settle();
      reject(gone.reason);
    };
    // What the measured times did not foresee: one turn that lasts and lasts.
    const timer = setTimeout(() => waiter.refuse(toSeconds(this.#turnMs())), answerWithinMs);
    timer.unref();
    gone.addEventListener('abort', leave, { once: true });
    this.#waiting.push(waiter);
    this.#advance();
    return promise;
  }

  #begin(): () => void {
    const { clock } = this.#options;
    const began = clock();
    this.#running++;
    let hasEnded = false;
    return () => {
      if (hasEnded) return;
      hasEnded = true;
      this.#running--;
      this.#lasted.push(Math.max(0, clock() - began));
      if (this.#lasted.length > MEASURED) this.#lasted.shift();
      this.#advance();
      this.#refuseTheLate();
    };
  }

  #advance(): void {
    while (this.#running < this.#options.places) {
      const next = this.#waiting[0];
      if (next === undefined) return;
      next.start();
    }
  }

  /** The youngest go first: turns last longer than they seemed to when these came. */
  #refuseTheLate(): void {
    const { answerWithinMs, clock } = this.#options;
    for (let place = this.#waiting.length - 1; place >= 0; place--) {
      const waiter = this.#waiting[place];
      if (waiter === undefined) return;
      const lateMs = clock() - waiter.since + this.#answerMs(place) - answerWithinMs;
      if (lateMs <= 0) return;
      waiter.refuse(toSeconds(lateMs));
    }
  }

  /** How long the answer of a call takes that has `place` others before it in the line. */
  #answerMs(place: number): number {
    const { places } = this.#options;
    return Math.ceil((this.#running + place + 1) / places) * this.#turnMs();
  }

  #turnMs(): number {
    if (this.#lasted.length === 0) return GUESS_MS;
    return this.#lasted.reduce((sum, ms) => sum + ms, 0) / this.#lasted.length;
  }
}

/** Whole seconds, as `Retry-After` has them; never so many that a wrong measurement keeps everybody away. */
const toSeconds = (ms: number): number => Math.min(Math.max(Math.ceil(ms / 1000), 1), 30);

/** One call's turn at the models: taken when its image is there, ended with its answer unless the work outlasts it. */
export class Turn {
  readonly #line: Line;
  readonly #gone: AbortSignal;
  #end: (() => void) | undefined;

  constructor(line: Line, gone: AbortSignal) {
    this.#line = line;
    this.#gone = gone;
  }

  /** @throws as `Line.enter` */
  async take(): Promise<void> {
    this.#end ??= await this.#line.enter(this.#gone);
  }

  end(): void {
    this.#end?.();
    this.#end = undefined;
  }

  /** For work that goes on after the answer. @returns what ends the turn */
  keep(): () => void {
    const end = this.#end;
    this.#end = undefined;
    return () => end?.();
  }
}
