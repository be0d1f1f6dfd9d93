import type { State } from '../state/state.ts';
import type { KeyBound } from './filter/key-range.ts';
import { newStamp } from './stamp.ts';

export interface EntityRow {
  readonly pk: string;
  readonly rk: string;
  /** Its Timestamp and, in another form, its ETag. */
  readonly stamp: string;
  /** JSON, as answered; see `entity.ts`. */
  readonly properties: string;
}

/** The entities of all tables. To be used within the group commit. */
export class Entities {
  readonly #one;
  readonly #insert;
  readonly #update;
  readonly #remove;
  readonly #from;

  constructor({ db }: State) {
    const columns = 'pk, rk, stamp, properties';
    this.#one = db.prepare(`SELECT ${columns} FROM entity WHERE owner = ? AND pk = ? AND rk = ?`);
    this.#insert = db.prepare(`INSERT INTO entity (owner, ${columns}) VALUES (?, ?, ?, ?, ?)`);
    this.#update = db.prepare(
      'UPDATE entity SET stamp = ?, properties = ? WHERE owner = ? AND pk = ? AND rk = ?',
    );
    this.#remove = db.prepare('DELETE FROM entity WHERE owner = ? AND pk = ? AND rk = ?');
    this.#from = db.prepare(
      `SELECT ${columns} FROM entity WHERE owner = ? AND (pk, rk) >= (?, ?) ORDER BY pk, rk`,
    );
  }

  find(owner: number, pk: string, rk: string): EntityRow | undefined {
    return this.#one.get(owner, pk, rk) as unknown as EntityRow | undefined;
  }

  insert(owner: number, pk: string, rk: string, properties: string, now: number): EntityRow {
    const stamp = newStamp(now);
    this.#insert.run(owner, pk, rk, stamp, properties);
    return { pk, rk, stamp, properties };
  }

  update(owner: number, { pk, rk }: EntityRow, properties: string, now: number): EntityRow {
    const stamp = newStamp(now);
    this.#update.run(stamp, properties, owner, pk, rk);
    return { pk, rk, stamp, properties };
  }

  remove(owner: number, { pk, rk }: EntityRow): void {
    this.#remove.run(owner, pk, rk);
  }

  /** In the order of their keys, from a place on. To be read within one turn of the loop. */
  from(owner: number, from: KeyBound | undefined): IterableIterator<EntityRow> {
    const [pk, rk] = startOf(from);
    return this.#from.iterate(owner, pk, rk) as unknown as IterableIterator<EntityRow>;
  }
}

/** The least keys at or behind a place. No key has a control character, so that one makes the least of all behind. */
function startOf(from: KeyBound | undefined): [pk: string, rk: string] {
  if (!from) return ['', ''];
  const { pk, rk, behind } = from;
  if (rk === undefined) return [behind ? `${pk}\0` : pk, ''];
  return [pk, behind ? `${rk}\0` : rk];
}
