import type { StoredImage } from '../../results/rows.ts';
import type { ResultStore } from '../../results/store.ts';

/**
 * Rows are stamped just before they are stored, by more than one worker: a row may appear this long after a row with
 * a later stamp, in milliseconds.
 */
const LATE_MS = 15_000;
const PAGE = 25;

/** The rows that finish from now on, each once per time it finishes. */
export class ResultFeed {
  readonly #store: ResultStore;
  /** Stamp of the newest row seen, ISO 8601. */
  #newest = '';
  /** Stamps of the rows seen that are young enough to be met again. */
  #seen = new Map<string, string>();

  constructor(store: ResultStore) {
    this.#store = store;
  }

  /** Takes note of what is there already. */
  async start(): Promise<void> {
    const [newest] = await this.#store.list({ limit: 1 });
    this.#newest = newest?.finishedAt ?? '';
    await this.next();
  }

  /** What finished since the last call, oldest first. */
  async next(): Promise<StoredImage[]> {
    const horizon = this.#newest === '' ? '' : new Date(Date.parse(this.#newest) - LATE_MS).toISOString();
    const found: StoredImage[] = [];
    const young = new Map<string, string>();
    let after: { finishedAt: string; id: string } | undefined;
    for (;;) {
      const page = await this.#store.list({ limit: PAGE, ...(after && { after }) });
      for (const image of page) {
        if (image.finishedAt < horizon) break;
        young.set(image.id, image.finishedAt);
        if (this.#seen.get(image.id) !== image.finishedAt) found.push(image);
      }
      const last = page.at(-1);
      if (!last || page.length < PAGE || last.finishedAt < horizon) break;
      after = { finishedAt: last.finishedAt, id: last.id };
    }
    this.#seen = young;
    for (const { finishedAt } of found) if (finishedAt > this.#newest) this.#newest = finishedAt;
    return found.reverse();
  }
}
