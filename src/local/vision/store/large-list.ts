import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { DIMENSIONS, type Neighbour, type SearchOptions } from '../face/faceprint-index.ts';
import type { Answer, LargeIndexes } from '../face/large-indexes.ts';
import { faceDistance } from '../models/similarity.ts';
import { fromBlob } from './database.ts';

/** Faces that are read from the database at once; between two such portions other calls have their turn. */
const PORTION = 4096;

/**
 * A list of many faces: their bytes in the search thread and in a file of its own, which loads in the time that it
 * takes to read; the faceprints themselves stay in the database, which decides among the candidates that a search finds.
 */
export class LargeList {
  readonly #db: DatabaseSync;
  readonly #indexes: LargeIndexes;
  readonly #list: number;
  readonly #path: string | undefined;
  #opened: Promise<void> | undefined;
  #ready = false;

  constructor(db: DatabaseSync, indexes: LargeIndexes, list: number, path: string | undefined) {
    this.#db = db;
    this.#indexes = indexes;
    this.#list = list;
    this.#path = path;
  }

  /** A face that the database has. Before the list is open nothing is to do: opening reads the database. */
  add(seq: number, print: ArrayLike<number>): void {
    if (!this.#ready) return;
    const seqs = Float64Array.of(seq);
    const added = this.#indexes.ask({
      kind: 'append',
      list: this.#list,
      seqs,
      prints: Float32Array.from(print),
    });
    // A copy that failed is made anew from the database.
    added.catch(() => this.#forget());
  }

  /** Its bytes are gone from memory and disk when this settles. The database's row is the caller's, after it. */
  async wipe(seq: number): Promise<void> {
    await this.#open();
    await this.#ask({ kind: 'wipe', list: this.#list, seq });
  }

  async drop(): Promise<void> {
    await this.#opened?.catch(() => undefined);
    if (this.#ready) await this.#ask({ kind: 'close', list: this.#list });
    this.#forget();
    if (this.#path !== undefined) rmSync(this.#path, { force: true });
  }

  async close(): Promise<void> {
    if (this.#ready) await this.#ask({ kind: 'close', list: this.#list });
    this.#forget();
  }

  /** Nearest first; of equally near faces the one enrolled first. */
  async nearest(query: ArrayLike<number>, { limit, maxDistance, upTo }: SearchOptions): Promise<Neighbour[]> {
    await this.#open();
    const asked = { limit, maxDistance, upTo: Math.min(upTo, Number.MAX_SAFE_INTEGER) };
    const { seqs } = await this.#ask({
      kind: 'search',
      list: this.#list,
      query: Float32Array.from(query),
      ...asked,
    });
    const row = this.#db.prepare('SELECT id, faceprint FROM persisted_face WHERE seq = ? AND list = ?');
    return seqs
      .flatMap((seq) => {
        const found = row.get(seq, this.#list);
        if (!found) return [];
        const distance = faceDistance(fromBlob(found.faceprint as Uint8Array), query);
        return distance <= maxDistance ? [{ id: found.id as string, distance, seq }] : [];
      })
      .sort((a, b) => a.distance - b.distance || a.seq - b.seq)
      .slice(0, limit)
      .map(({ id, distance }) => ({ id, distance }));
  }

  async #ask(request: Parameters<LargeIndexes['ask']>[0]): Promise<Answer> {
    try {
      return await this.#indexes.ask(request);
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  #forget(): void {
    this.#ready = false;
    this.#opened = undefined;
  }

  #open(): Promise<void> {
    this.#opened ??= this.#load().catch((error: unknown) => {
      this.#forget();
      throw error;
    });
    return this.#opened;
  }

  /** The file may lack the newest faces, after a crash; if it differs otherwise, it is made anew. */
  async #load(): Promise<void> {
    const opened = await this.#ask({ kind: 'open', list: this.#list, path: this.#path });
    const filled = await this.#append(opened.lastSeq);
    const live = filled?.live ?? opened.live;
    if (live !== this.#count()) {
      await this.#ask({ kind: 'clear', list: this.#list });
      await this.#append(0);
    }
    this.#ready = true;
  }

  async #append(after: number): Promise<Answer | undefined> {
    const select = this.#db.prepare(
      'SELECT seq, faceprint FROM persisted_face WHERE list = ? AND seq > ? ORDER BY seq LIMIT ? + 0',
    );
    let last = after;
    let answer: Answer | undefined;
    for (;;) {
      const rows = select.all(this.#list, last, PORTION);
      // No face can be added between this look and what follows: both are one turn of the event loop.
      if (rows.length === 0) return answer;
      const prints = new Float32Array(rows.length * DIMENSIONS);
      rows.forEach(({ faceprint }, i) => {
        prints.set(fromBlob(faceprint as Uint8Array), i * DIMENSIONS);
      });
      const seqs = Float64Array.from(rows, ({ seq }) => Number(seq));
      last = seqs.at(-1) ?? last;
      answer = await this.#ask({ kind: 'append', list: this.#list, seqs, prints });
    }
  }

  #count(): number {
    return Number(
      this.#db.prepare('SELECT count(*) AS n FROM persisted_face WHERE list = ?').get(this.#list)?.n,
    );
  }
}

/** The file of a list's index. */
export const indexPath = (dataDir: string, list: number): string => join(dataDir, `faces-${list}.index`);

export const hasIndex = (path: string | undefined): boolean => path !== undefined && existsSync(path);
