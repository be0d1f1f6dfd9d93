import { KnownRows } from '../state/known-rows.ts';
import type { State } from '../state/state.ts';

export interface TableRow {
  readonly number: number;
  readonly name: string;
  readonly acl: string;
}

/** The tables of all accounts; names differ not by case alone. To be used within the group commit. */
export class Tables {
  readonly #known: KnownRows<TableRow>;
  readonly #insert;
  readonly #page;
  readonly #acl;
  readonly #remove;
  readonly #discard;
  readonly #highest;

  constructor({ db, group }: State) {
    const one = db.prepare('SELECT number, name, acl FROM entity_table WHERE account = ? AND name = ?');
    this.#known = new KnownRows(
      group,
      (account, name) => one.get(account, name) as unknown as TableRow | undefined,
    );
    this.#insert = db.prepare("INSERT INTO entity_table (number, account, name, acl) VALUES (?, ?, ?, '')");
    this.#page = db.prepare(
      'SELECT number, name, acl FROM entity_table WHERE account = ? AND name >= ? ORDER BY name LIMIT ? + 0',
    );
    this.#acl = db.prepare('UPDATE entity_table SET acl = ? WHERE number = ?');
    this.#remove = db.prepare('DELETE FROM entity_table WHERE number = ?');
    this.#discard = db.prepare("INSERT INTO discarded (kind, owner) VALUES ('table', ?)");
    this.#highest = db.prepare(
      "SELECT max(coalesce((SELECT max(number) FROM entity_table), 0), coalesce((SELECT max(owner) FROM discarded WHERE kind = 'table'), 0)) AS number",
    );
  }

  find(account: string, name: string): TableRow | undefined {
    return this.#known.find(account, name);
  }

  create(account: string, name: string): void {
    this.#known.forget();
    this.#insert.run(Number(this.#highest.get()?.number) + 1, account, name);
  }

  page(account: string, from: string, limit: number): TableRow[] {
    return this.#page.all(account, from, limit) as unknown as TableRow[];
  }

  setAcl({ number }: TableRow, acl: string): void {
    this.#known.forget();
    this.#acl.run(acl, number);
  }

  /** At once, however many entities it has: those are swept later. */
  remove({ number }: TableRow): void {
    this.#known.forget();
    this.#remove.run(number);
    this.#discard.run(number);
  }
}
