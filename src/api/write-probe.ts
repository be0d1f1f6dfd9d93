import type { App } from '../app.ts';
import { tables } from '../storage/names.ts';

/** For so long, in milliseconds, an answer is good enough: pages ask every second or two. */
const KEPT_MS = 10_000;

/** Whether storage takes what is written: that a disk is full, or a role may read only, nothing shows but a write. */
export class WriteProbe {
  readonly #app: Pick<App, 'storage' | 'clock'>;
  #kept: { until: number; answer: Promise<unknown> } | undefined;

  constructor(app: Pick<App, 'storage' | 'clock'>) {
    this.#app = app;
  }

  /** Writes a row that says nothing. @throws whatever the storage service refuses it with */
  async write(): Promise<void> {
    await this.#app.storage.tables.table(tables.throttle).upsert('health', 'written', {});
  }

  /** @returns what a write was refused with, at most ten seconds ago; undefined where it was kept */
  refusal(): Promise<unknown> {
    const now = this.#app.clock();
    if (this.#kept && now < this.#kept.until) return this.#kept.answer;
    const answer = this.write().then(
      () => undefined,
      (error: unknown) => error,
    );
    this.#kept = { until: now + KEPT_MS, answer };
    return answer;
  }
}
