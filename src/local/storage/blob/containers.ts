import { newEtag } from '../state/etag.ts';
import { KnownRows } from '../state/known-rows.ts';
import type { State } from '../state/state.ts';

export interface ContainerRow {
  readonly number: number;
  readonly name: string;
  readonly etag: string;
  readonly modified: number;
  readonly metadata: string;
  readonly acl: string;
  /** See `lease.ts`. */
  readonly lease: string | null;
}

const COLUMNS = 'number, name, etag, modified, metadata, acl, lease';

/** The containers of all accounts. To be used within the group commit. */
export class Containers {
  readonly #known: KnownRows<ContainerRow>;
  readonly #insert;
  readonly #page;
  readonly #change;
  readonly #setLease;
  readonly #remove;
  readonly #discard;
  readonly #highest;

  constructor({ db, group }: State) {
    const one = db.prepare(`SELECT ${COLUMNS} FROM container WHERE account = ? AND name = ?`);
    this.#known = new KnownRows(
      group,
      (account, name) => one.get(account, name) as unknown as ContainerRow | undefined,
    );
    this.#insert = db.prepare(
      "INSERT INTO container (number, account, name, etag, modified, metadata, acl) VALUES (?, ?, ?, ?, ?, ?, '')",
    );
    this.#page = db.prepare(
      `SELECT ${COLUMNS} FROM container WHERE account = ? AND name >= ? ORDER BY name LIMIT ? + 0`,
    );
    this.#change = db.prepare(
      'UPDATE container SET etag = ?, modified = ?, metadata = ?, acl = ? WHERE number = ?',
    );
    this.#setLease = db.prepare('UPDATE container SET lease = ? WHERE number = ?');
    this.#remove = db.prepare('DELETE FROM container WHERE number = ?');
    this.#discard = db.prepare("INSERT INTO discarded (kind, owner) VALUES ('container', ?)");
    this.#highest = db.prepare(
      "SELECT max(coalesce((SELECT max(number) FROM container), 0), coalesce((SELECT max(owner) FROM discarded WHERE kind = 'container'), 0)) AS number",
    );
  }

  find(account: string, name: string): ContainerRow | undefined {
    return this.#known.find(account, name);
  }

  /** @returns its ETag */
  create(account: string, name: string, metadata: string, now: number): string {
    const etag = newEtag(now);
    this.#known.forget();
    this.#insert.run(Number(this.#highest.get()?.number) + 1, account, name, etag, now, metadata);
    return etag;
  }

  /** In the order of their names, from `from` on. */
  page(account: string, from: string, limit: number): ContainerRow[] {
    return this.#page.all(account, from, limit) as unknown as ContainerRow[];
  }

  /** @returns its new ETag */
  change(row: ContainerRow, what: { metadata?: string; acl?: string }, now: number): string {
    const etag = newEtag(now);
    this.#known.forget();
    this.#change.run(etag, now, what.metadata ?? row.metadata, what.acl ?? row.acl, row.number);
    return etag;
  }

  setLease({ number }: ContainerRow, lease: string | null): void {
    this.#known.forget();
    this.#setLease.run(lease, number);
  }

  /** At once, however many blobs it has: those are swept later. */
  remove({ number }: ContainerRow): void {
    this.#known.forget();
    this.#remove.run(number);
    this.#discard.run(number);
  }
}
