import type { StoredImage } from '../../results/rows.ts';
import type { ResultStore } from '../../results/store.ts';
import type { Submitted } from './upload.ts';

/** Rows asked for by id in one look. */
const LOOK = 50;

/** Images whose rows someone waits for. */
export class Awaited {
  readonly #store: ResultStore;
  readonly #ids: string[] = [];
  readonly #missing = new Set<string>();

  constructor(store: ResultStore) {
    this.#store = store;
  }

  get total(): number {
    return this.#ids.length;
  }

  get done(): number {
    return this.#ids.length - this.#missing.size;
  }

  /** Waits for this one too; what was there before may have its row already. */
  async expect({ id, there }: Submitted): Promise<void> {
    if (this.#ids.includes(id)) return;
    this.#ids.push(id);
    if (!there || !(await this.#store.get(id))) this.#missing.add(id);
  }

  saw(image: StoredImage): void {
    this.#missing.delete(image.id);
  }

  /** Asks for some that are missing by their ids: what no feed told of is still found. */
  async look(): Promise<void> {
    for (const id of [...this.#missing].slice(0, LOOK)) {
      this.#missing.delete(id);
      // Behind the others, so that each has its turn.
      if (!(await this.#store.get(id))) this.#missing.add(id);
    }
  }

  /** All rows as they stand now, in the order of submission: a match may have come after the row itself. */
  async rows(): Promise<StoredImage[]> {
    const rows: StoredImage[] = [];
    for (const id of this.#ids) {
      const row = await this.#store.get(id);
      if (row) rows.push(row);
    }
    return rows;
  }
}
