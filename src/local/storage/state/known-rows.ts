import type { GroupCommit } from './group-commit.ts';

/** Clients name few containers, queues and tables; who names more of them has them read anew. */
const MOST = 1000;

/**
 * Rows by account and name that every request begins with, as they were last read. Only those that are there; whoever
 * changes one forgets them all, and so does what is taken back.
 */
export class KnownRows<Row> {
  readonly #rows = new Map<string, Row>();
  readonly #read: (account: string, name: string) => Row | undefined;

  constructor(group: GroupCommit, read: (account: string, name: string) => Row | undefined) {
    this.#read = read;
    group.onUndo(() => this.forget());
  }

  find(account: string, name: string): Row | undefined {
    const key = `${account}/${name}`;
    const known = this.#rows.get(key);
    if (known !== undefined) return known;
    const row = this.#read(account, name);
    if (row !== undefined) {
      if (this.#rows.size >= MOST) this.forget();
      this.#rows.set(key, row);
    }
    return row;
  }

  forget(): void {
    this.#rows.clear();
  }
}
