import type { Contents } from '../state/contents.ts';
import type { State } from '../state/state.ts';

interface Block {
  /** Base64, as the client gave it. */
  readonly block: string;
  readonly content: number;
  readonly size: number;
}

/** Blocks that wait to be named by a block list. To be used within the group commit. */
export class Blocks {
  readonly #contents: Contents;
  readonly #one;
  readonly #all;
  readonly #any;
  readonly #put;
  readonly #remove;
  readonly #old;

  constructor({ db }: State, contents: Contents) {
    this.#contents = contents;
    const of = 'FROM uncommitted_block WHERE container = ? AND name = ?';
    this.#one = db.prepare(`SELECT block, content, size ${of} AND block = ?`);
    this.#all = db.prepare(`SELECT block, content, size ${of} ORDER BY at, block`);
    this.#any = db.prepare(`SELECT block ${of} LIMIT 1`);
    this.#put = db.prepare(
      'INSERT OR REPLACE INTO uncommitted_block (container, name, block, content, size, at) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#remove = db.prepare(`DELETE ${of}`);
    this.#old = db.prepare(
      'SELECT container, name FROM uncommitted_block GROUP BY container, name HAVING max(at) < ? LIMIT ? + 0',
    );
  }

  all(container: number, name: string): Block[] {
    return this.#all.all(container, name) as unknown as Block[];
  }

  /** The id of some block of the blob: all of one blob have the same length. */
  sample(container: number, name: string): string | undefined {
    return this.#any.get(container, name)?.block as string | undefined;
  }

  put(container: number, name: string, { block, content, size }: Block, now: number): void {
    const before = this.#one.get(container, name, block);
    this.#put.run(container, name, block, content, size, now);
    if (before) this.#contents.giveUp(Number(before.content));
  }

  /** Forgets all of a blob. Contents that the blob has taken over must be counted for it before. */
  clear(container: number, name: string): void {
    const blocks = this.all(container, name);
    if (blocks.length === 0) return;
    this.#remove.run(container, name);
    for (const { content } of blocks) this.#contents.giveUp(content);
  }

  /** Blobs whose last block came before that moment. */
  olderThan(moment: number, limit: number): { container: number; name: string }[] {
    return this.#old.all(moment, limit) as unknown as { container: number; name: string }[];
  }
}
