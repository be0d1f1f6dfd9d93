import { createReadStream, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { ContentFiles } from './content-files.ts';
import type { State } from './state.ts';

/** Up to this size a content is a row of the database: one write and one fsync less than a file. */
export const INLINE_LIMIT = 64 * 1024;
/** So many numbers are set aside at once; those of the last block are looked at after a crash. */
const BLOCK = 10_000;
/** Parts up to this size are read in one go. */
const AT_ONCE = 256 * 1024;

/** One stretch of a blob: a content, or a part of none but itself. */
export interface Part {
  readonly content: number;
  readonly size: number;
}

/** Bytes that have arrived and last, but that nothing names yet. */
export interface Arrived {
  readonly content: number;
  readonly size: number;
  /** Of a small one, which goes into the database. */
  readonly bytes?: Buffer | undefined;
}

/**
 * The bytes of blobs. Each content is written once and never changed; rows that name it are counted, and when the
 * last goes, so does the content: its row with them, its file right after their commit.
 */
export class Contents {
  readonly files: ContentFiles;
  readonly #state: State;
  readonly #insert;
  readonly #use;
  readonly #uses;
  readonly #delete;
  readonly #bytes;
  readonly #unlink;
  readonly #unlinked;
  readonly #setMeta;
  #next = 0;
  #reserved = 0;
  /** Lower numbers are from earlier runs. */
  readonly #firstOwn: number;
  #reserving: Promise<void> | undefined;
  /** Numbers given out whose rows are not committed. */
  readonly #arriving = new Set<number>();
  /** How many answers read a content now: its file stays until they are done. */
  readonly #reading = new Map<number, number>();
  readonly #waitingReaders = new Set<number>();
  /** Files that the running transaction gives up. */
  #givenUp: number[] = [];
  #gone: number[] = [];

  constructor(state: State) {
    const { db } = state;
    this.#state = state;
    this.files = new ContentFiles(state.folder);
    this.#insert = db.prepare('INSERT INTO content (id, uses, bytes) VALUES (?, 1, ?)');
    this.#use = db.prepare('UPDATE content SET uses = uses + ? WHERE id = ?');
    this.#uses = db.prepare('SELECT uses, bytes IS NULL AS file FROM content WHERE id = ?');
    this.#delete = db.prepare('DELETE FROM content WHERE id = ?');
    this.#bytes = db.prepare('SELECT bytes FROM content WHERE id = ?');
    this.#unlink = db.prepare('INSERT OR IGNORE INTO unlinked (content) VALUES (?)');
    this.#unlinked = db.prepare('DELETE FROM unlinked WHERE content = ?');
    this.#setMeta = db.prepare('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)');
    const row = db.prepare("SELECT value FROM meta WHERE name = 'content_reserved'").get();
    this.#next = Number(row?.value ?? 1);
    this.#reserved = this.#next;
    this.#firstOwn = this.#next;
  }

  /** A number that no content has or had. */
  async newNumber(): Promise<number> {
    while (this.#next >= this.#reserved) {
      this.#reserving ??= this.#reserve().finally(() => {
        this.#reserving = undefined;
      });
      await this.#reserving;
    }
    const id = this.#next;
    this.#next += 1;
    this.#arriving.add(id);
    return id;
  }

  /** Its row. Within the group commit. */
  keep({ content, bytes }: Arrived): void {
    this.#insert.run(content, bytes ?? null);
  }

  /** One more row names it. Within the group commit. */
  share(content: number): void {
    this.#use.run(1, content);
  }

  /** One row less names it. Within {@link change}, or the sweep that calls {@link removeGivenUp}. */
  giveUp(content: number): void {
    const row = this.#uses.get(content);
    if (!row) return;
    if (Number(row.uses) > 1) {
      this.#use.run(-1, content);
      return;
    }
    this.#delete.run(content);
    if (Number(row.file) === 0) return;
    this.#unlink.run(content);
    this.#givenUp.push(content);
  }

  /** As the group's `write`; files that lost their last name are gone when it resolves. */
  async change<T>(work: () => T): Promise<T> {
    let givenUp: number[] = [];
    const value = await this.#state.group.write(() => {
      this.#givenUp = [];
      for (const id of this.#gone.splice(0)) this.#unlinked.run(id);
      const result = work();
      givenUp = this.#givenUp;
      return result;
    });
    if (givenUp.length > 0) await this.#removeFiles(givenUp);
    return value;
  }

  /** Runs what takes a content in; when that fails, its number and file are given back. */
  async orGone<T>(content: number, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      await this.settle({ content, size: 0 }, false);
      throw error;
    }
  }

  /** As {@link change}, for what names a content that has just arrived; it is gone again when that fails. */
  async committing<T>(arrived: Arrived, work: () => T): Promise<T> {
    let kept = false;
    try {
      const value = await this.change(work);
      kept = true;
      return value;
    } finally {
      await this.settle(arrived, kept);
    }
  }

  /** No longer under way: its row is committed, or never will be. */
  async settle({ content, bytes }: Arrived, kept: boolean): Promise<void> {
    this.#arriving.delete(content);
    if (!kept && bytes === undefined) await this.files.remove(content).catch(() => {});
  }

  /** All bytes from `start` to `end` (included) of the parts in a row. */
  read(parts: readonly Part[], start: number, end: number): Buffer | Readable {
    const wanted: { content: number; from: number; to: number }[] = [];
    let at = 0;
    for (const { content, size } of parts) {
      const [from, to] = [Math.max(start - at, 0), Math.min(end - at, size - 1)];
      if (from <= to) wanted.push({ content, from, to });
      at += size;
    }
    const [only] = wanted;
    if (!only) return Buffer.alloc(0);
    if (wanted.length === 1 && only.to - only.from < AT_ONCE) {
      const inline = this.#inline(only.content);
      if (inline) return inline.subarray(only.from, only.to + 1);
      if (only.from === 0) {
        const whole = readFileSync(this.files.path(only.content));
        if (whole.length >= only.to + 1) return whole.subarray(0, only.to + 1);
        throw new Error('A content is shorter than its metadata says.');
      }
    }
    for (const { content } of wanted) this.#reading.set(content, (this.#reading.get(content) ?? 0) + 1);
    const stream = Readable.from(this.#stream(wanted), { objectMode: false, highWaterMark: AT_ONCE });
    stream.once('close', () => {
      for (const { content } of wanted) this.#released(content);
    });
    return stream;
  }

  async *#stream(wanted: readonly { content: number; from: number; to: number }[]): AsyncGenerator<Buffer> {
    for (const { content, from, to } of wanted) {
      const inline = this.#inline(content);
      if (inline) {
        yield inline.subarray(from, to + 1);
        continue;
      }
      const file = createReadStream(this.files.path(content), {
        start: from,
        end: to,
        highWaterMark: AT_ONCE,
      });
      let sent = 0;
      for await (const chunk of file) {
        sent += (chunk as Buffer).length;
        yield chunk as Buffer;
      }
      if (sent !== to - from + 1) throw new Error('A content is shorter than its metadata says.');
    }
  }

  #inline(content: number): Buffer | undefined {
    const row = this.#bytes.get(content);
    const bytes = row?.bytes;
    return bytes instanceof Uint8Array
      ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
      : undefined;
  }

  #released(content: number): void {
    const readers = (this.#reading.get(content) ?? 1) - 1;
    if (readers > 0) {
      this.#reading.set(content, readers);
      return;
    }
    this.#reading.delete(content);
    if (this.#waitingReaders.delete(content)) void this.#removeFiles([content]);
  }

  async #removeFiles(ids: readonly number[]): Promise<void> {
    for (const id of ids) {
      if (this.#reading.has(id)) {
        this.#waitingReaders.add(id);
        continue;
      }
      try {
        await this.files.remove(id);
        this.#gone.push(id);
      } catch {
        // Still among the unlinked: the next start tries again.
      }
    }
  }

  async #reserve(): Promise<void> {
    const reserved = this.#reserved + BLOCK;
    const oldest = Math.min(this.#next, ...this.#arriving);
    await this.#state.group.write(() => {
      this.#setMeta.run('content_reserved', reserved);
      // All below are either named by a row or among the unlinked: no start need look at them again.
      this.#setMeta.run('content_clean', oldest);
    });
    this.#reserved = reserved;
  }

  /**
   * After a crash: removes files that no row names. Looks only at numbers that were under way then, so that it costs
   * the same however many contents there are; new ones have higher numbers and are never touched.
   */
  async sweepOrphans(): Promise<number> {
    const { db } = this.#state;
    const from = Number(db.prepare("SELECT value FROM meta WHERE name = 'content_clean'").get()?.value ?? 0);
    const files = await this.files.between(from, this.#firstOwn);
    let removed = 0;
    for (const id of files) {
      if (this.#uses.get(id)) continue;
      await this.files.remove(id);
      removed += 1;
    }
    const unlinked = db
      .prepare('SELECT content FROM unlinked')
      .all()
      .map(({ content }) => Number(content));
    await this.#removeFiles(unlinked.filter((id) => !this.#uses.get(id)));
    return removed;
  }
}
