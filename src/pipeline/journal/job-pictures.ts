import { trimEndOf } from '../../domain/trim.ts';
import type { Table } from '../../storage/tables.ts';
import { ofPicture, pictureIn } from './link-keys.ts';

/** Those links of table `joblinks` that lead from a picture to its jobs: for whoever looks for a name. */
export class JobPictures {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Blobs and addresses with a job whose names begin so, by name; without very long ones. One may come twice. */
  async *like(prefix: string): AsyncGenerator<string> {
    // The last character that a key can have has no successor among those that a filter can have.
    const from = trimEndOf(ofPicture(prefix), '~');
    const below = from.slice(0, -1) + String.fromCharCode(from.charCodeAt(from.length - 1) + 1);
    for await (const { partitionKey } of this.#table.list({ partitions: { from, below }, select: [] })) {
      const picture = pictureIn(partitionKey);
      if (picture?.startsWith(prefix)) yield picture;
    }
  }
}
