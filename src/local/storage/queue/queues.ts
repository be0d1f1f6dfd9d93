import { KnownRows } from '../state/known-rows.ts';
import type { State } from '../state/state.ts';

export interface QueueRow {
  readonly number: number;
  readonly name: string;
  readonly metadata: string;
  readonly acl: string;
}

/** The queues of all accounts. To be used within the group commit. */
export class Queues {
  readonly #known: KnownRows<QueueRow>;
  readonly #insert;
  readonly #page;
  readonly #metadata;
  readonly #acl;
  readonly #remove;
  readonly #renumber;
  readonly #discard;
  readonly #highest;

  constructor({ db, group }: State) {
    const one = db.prepare('SELECT number, name, metadata, acl FROM queue WHERE account = ? AND name = ?');
    this.#known = new KnownRows(
      group,
      (account, name) => one.get(account, name) as unknown as QueueRow | undefined,
    );
    this.#insert = db.prepare(
      "INSERT INTO queue (number, account, name, metadata, acl) VALUES (?, ?, ?, ?, '')",
    );
    this.#page = db.prepare(
      'SELECT number, name, metadata, acl FROM queue WHERE account = ? AND name >= ? ORDER BY name LIMIT ? + 0',
    );
    this.#metadata = db.prepare('UPDATE queue SET metadata = ? WHERE number = ?');
    this.#acl = db.prepare('UPDATE queue SET acl = ? WHERE number = ?');
    this.#remove = db.prepare('DELETE FROM queue WHERE number = ?');
    this.#renumber = db.prepare('UPDATE queue SET number = ? WHERE number = ?');
    this.#discard = db.prepare("INSERT INTO discarded (kind, owner) VALUES ('queue', ?)");
    this.#highest = db.prepare(
      "SELECT max(coalesce((SELECT max(number) FROM queue), 0), coalesce((SELECT max(owner) FROM discarded WHERE kind = 'queue'), 0)) AS number",
    );
  }

  find(account: string, name: string): QueueRow | undefined {
    return this.#known.find(account, name);
  }

  create(account: string, name: string, metadata: string): void {
    this.#known.forget();
    this.#insert.run(this.#free(), account, name, metadata);
  }

  /** In the order of their names, from `from` on. */
  page(account: string, from: string, limit: number): QueueRow[] {
    return this.#page.all(account, from, limit) as unknown as QueueRow[];
  }

  setMetadata({ number }: QueueRow, metadata: string): void {
    this.#known.forget();
    this.#metadata.run(metadata, number);
  }

  setAcl({ number }: QueueRow, acl: string): void {
    this.#known.forget();
    this.#acl.run(acl, number);
  }

  /** At once, however many messages it has: those are swept later. */
  remove({ number }: QueueRow): void {
    this.#known.forget();
    this.#remove.run(number);
    this.#discard.run(number);
  }

  clear({ number }: QueueRow): void {
    this.#known.forget();
    this.#renumber.run(this.#free(), number);
    this.#discard.run(number);
  }

  /** Never one whose messages are still being swept. */
  #free(): number {
    return Number(this.#highest.get()?.number) + 1;
  }
}
