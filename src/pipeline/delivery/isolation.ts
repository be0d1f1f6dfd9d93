import { createHash } from 'node:crypto';

/** The host delivers a batch at once: after this many milliseconds all of its messages have come. */
const GATHER_MS = 250;
/** The longest a message waits for its turn, so that the host's own limit (ten minutes) is never near. */
const WAIT_MS = 60_000;

interface Waiting {
  turn: number;
  start(): void;
}

/**
 * Where a message stands among those that wait: by its id, in one order at odd deliveries and in the reverse at even
 * ones, so that of any two delivered together each goes first at one of two deliveries.
 */
export function turnOf(id: string, dequeueCount: number): number {
  const place = createHash('sha256').update(id).digest().readUInt32BE() / 2 ** 32;
  return dequeueCount % 2 === 1 ? place : 1 - place;
}

/**
 * Keeps messages over which a process has died apart: within a process they are worked on one after another, so that
 * the one that kills does not take its neighbours along, time and again, until they are blamed with it.
 */
export class Isolation {
  readonly #waiting = new Set<Waiting>();
  #busy = false;

  /**
   * @param turn the lowest goes first: see `turnOf`
   * @param putBack what is done instead of `work` where its turn does not come in time
   */
  async run(turn: number, work: () => Promise<void>, putBack: () => Promise<void>): Promise<void> {
    const started = Promise.withResolvers<boolean>();
    const waiting: Waiting = { turn, start: () => started.resolve(true) };
    this.#waiting.add(waiting);
    const limit = setTimeout(() => {
      if (this.#waiting.delete(waiting)) started.resolve(false);
    }, WAIT_MS);
    if (!this.#busy) {
      this.#busy = true;
      await new Promise((resolve) => setTimeout(resolve, GATHER_MS));
      this.#next();
    }
    const mine = await started.promise;
    clearTimeout(limit);
    if (!mine) return putBack();
    try {
      await work();
    } finally {
      this.#next();
    }
  }

  #next(): void {
    const [first] = [...this.#waiting].sort((one, other) => one.turn - other.turn);
    this.#busy = first !== undefined;
    if (!first) return;
    this.#waiting.delete(first);
    first.start();
  }
}
