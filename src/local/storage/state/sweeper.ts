import { setTimeout as delay } from 'node:timers/promises';
import type { State } from './state.ts';

/** What is swept: removes up to `limit` rows. @returns how many; fewer than `limit` when nothing is left */
type SweepStep = (owner: number, limit: number) => Promise<number>;

/** So many rows at once: a few milliseconds, then others have their turn. */
const AT_ONCE = 200;
const PAUSE_MS = 5;
const HOUSEKEEPING_MS = 60_000;

/**
 * Removes, a little at a time, what belonged to deleted or cleared queues, containers and tables, and what has run out.
 * What it had not finished when the process ended is gone on with at the next start.
 */
export class Sweeper {
  readonly #state: State;
  readonly #steps: Readonly<Record<string, SweepStep>>;
  readonly #housekeeping: readonly (() => Promise<void>)[];
  readonly #stopping = new AbortController();
  readonly #next;
  readonly #done;
  readonly #timer: NodeJS.Timeout;
  #working: Promise<void> | undefined;
  #seen = -1;
  readonly #latest;

  constructor(
    state: State,
    steps: Readonly<Record<string, SweepStep>>,
    housekeeping: readonly (() => Promise<void>)[],
  ) {
    const { db, group } = state;
    this.#state = state;
    this.#steps = steps;
    this.#housekeeping = housekeeping;
    this.#next = db.prepare('SELECT number, kind, owner FROM discarded ORDER BY number LIMIT 1');
    this.#latest = db.prepare('SELECT coalesce(max(number), 0) AS number FROM discarded');
    this.#done = db.prepare('DELETE FROM discarded WHERE number = ?');
    group.beforeCommit(() => {
      // A look at an empty table, in memory, while the transaction holds the locks for it: cheaper than to have every
      // deletion call here.
      const latest = Number(this.#latest.get()?.number);
      if (latest !== this.#seen && latest !== 0) this.wake();
      this.#seen = latest;
    });
    this.#timer = setInterval(() => this.wake(), HOUSEKEEPING_MS);
    this.#timer.unref();
  }

  wake(): void {
    if (this.#stopping.signal.aborted) return;
    this.#working ??= this.#work()
      .catch(() => {
        // A full disk, say: the next housekeeping goes on.
      })
      .finally(() => {
        this.#working = undefined;
      });
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stopping.abort();
    await this.#working;
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopping;
    await delay(PAUSE_MS, undefined, { signal }).catch(() => {});
    while (!signal.aborted) {
      const row = this.#next.get();
      if (!row) break;
      const removed = await this.#steps[String(row.kind)]?.(Number(row.owner), AT_ONCE);
      if ((removed ?? 0) < AT_ONCE) await this.#state.group.write(() => this.#done.run(Number(row.number)));
      await delay(PAUSE_MS, undefined, { signal }).catch(() => {});
    }
    for (const work of this.#housekeeping) if (!signal.aborted) await work();
  }
}
