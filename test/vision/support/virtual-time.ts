import type { After } from '../../../src/vision/timer.ts';

/** Time that passes only when told to: a clock and a timer which agree. */
export class VirtualTime {
  now = 1_700_000_000_000;
  #timers: { at: number; run: () => void }[] = [];

  readonly clock = (): number => this.now;

  readonly after: After = (ms, run) => {
    const timer = { at: this.now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** In how many milliseconds each timer that is set will run. */
  get pending(): number[] {
    return this.#timers.map(({ at }) => at - this.now);
  }

  /** Lets `ms` milliseconds pass; timers run in their order, each followed by whatever it set off. */
  async advance(ms: number): Promise<void> {
    const end = this.now + ms;
    await settle();
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.now = Math.max(this.now, next.at);
      next.run();
      await settle();
    }
    this.now = end;
  }
}

/** Lets everything that waits on nothing but promises go on. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
