import type { App } from '../app.ts';

/** Journal rows that are counted for one answer. */
const COUNTED = 20_000;
/** Up to this many rows are one page of the table, and counted anew each time. */
const FEW = 1000;
/** A longer count is good for so many times as long as it took, so that pages which follow a batch cost a tenth of it. */
const GOOD_FOR = 10;
/** Counts kept at once. */
const KEPT = 100;

interface Accepted {
  images: number;
  /** Whether counting stopped early: there are more. */
  more: boolean;
}

/** How many images of a batch were accepted: rows of the journal, which has no counts. */
export class AcceptedCounts {
  readonly #app: App;
  readonly #kept = new Map<string, { until: number; value: Accepted }>();

  constructor(app: App) {
    this.#app = app;
  }

  async of(batchId: string): Promise<Accepted> {
    const started = this.#app.clock();
    const kept = this.#kept.get(batchId);
    if (kept && started < kept.until) return kept.value;
    const value = await this.#count(batchId);
    this.#kept.delete(batchId);
    if (value.images > FEW) {
      const now = this.#app.clock();
      this.#kept.set(batchId, { until: now + GOOD_FOR * (now - started), value });
      const [oldest] = this.#kept.keys();
      if (this.#kept.size > KEPT && oldest !== undefined) this.#kept.delete(oldest);
    }
    return value;
  }

  async #count(batchId: string): Promise<Accepted> {
    let images = 0;
    for await (const _ of this.#app.journal.idsOf(batchId)) {
      if (images === COUNTED) return { images, more: true };
      images += 1;
    }
    return { images, more: false };
  }
}
