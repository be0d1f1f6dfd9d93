import { CLOCKS_DIFFER_MS } from '../../../domain/wrong-clock.ts';
import type { State } from '../state/state.ts';
import { messageNotFound, popReceiptMismatch } from './errors.ts';
import {
  decodeMessageId,
  decodeReceipt,
  encodeMessageId,
  encodeReceipt,
  newNonce,
  newReceipt,
} from './receipt.ts';

/** 9999-12-31T23:59:59Z, which stands for never. */
export const NEVER = 253_402_300_799_000;

export interface Message {
  readonly id: string;
  readonly receipt: string;
  readonly inserted: number;
  readonly expires: number;
  readonly visible: number;
  readonly dequeues: number;
  readonly text: string;
}

interface Row {
  visible: number;
  seq: number;
  dequeues: number;
  nonce: string;
  inserted: number;
  expires: number;
  text: string;
}

/** The longest visibility time-out, in seconds. */
export const MOST_HIDDEN_S = 7 * 24 * 3600;

/** The messages of all queues. To be used within the group commit; moments in milliseconds since 1970. */
export class Messages {
  readonly #insert;
  readonly #insertDue;
  readonly #due;
  readonly #shown;
  readonly #dueAt;
  readonly #moveDue;
  readonly #removeDue;
  readonly #remove;
  readonly #find;
  readonly #setText;
  readonly #count;
  readonly #some;
  readonly #anyExpired;
  readonly #walk;
  readonly #nextQueue;
  readonly #hiddenTooLong;
  /** How many messages each queue has, by its number; asked of the database once. */
  readonly #counts = new Map<number, number>();

  constructor({ db, group }: State) {
    group.onUndo(() => this.#counts.clear());
    const columns = 'd.visible, d.seq, d.dequeues, m.nonce, m.inserted, m.expires, m.text';
    this.#insert = db.prepare(
      'INSERT INTO message (queue, nonce, inserted, expires, text) VALUES (?, ?, ?, ?, ?)',
    );
    this.#insertDue = db.prepare(
      'INSERT INTO due (queue, visible, seq, dequeues, receipt) VALUES (?, ?, ?, ?, ?)',
    );
    this.#due = db.prepare(
      `SELECT ${columns} FROM due d JOIN message m ON m.seq = d.seq WHERE d.queue = ? AND d.visible <= ? ORDER BY d.visible, d.seq LIMIT ? + 0`,
    );
    this.#shown = db.prepare(
      `SELECT ${columns} FROM due d JOIN message m ON m.seq = d.seq WHERE d.queue = ? AND d.visible <= ? AND m.expires > ? ORDER BY d.visible, d.seq LIMIT ? + 0`,
    );
    this.#dueAt = db.prepare('SELECT dequeues, receipt FROM due WHERE queue = ? AND visible = ? AND seq = ?');
    this.#moveDue = db.prepare(
      'UPDATE due SET visible = ?, dequeues = ?, receipt = ? WHERE queue = ? AND visible = ? AND seq = ?',
    );
    this.#removeDue = db.prepare('DELETE FROM due WHERE queue = ? AND visible = ? AND seq = ?');
    this.#remove = db.prepare('DELETE FROM message WHERE seq = ?');
    this.#find = db.prepare('SELECT queue, nonce, inserted, expires, text FROM message WHERE seq = ?');
    this.#setText = db.prepare('UPDATE message SET text = ? WHERE seq = ?');
    this.#count = db.prepare('SELECT count(*) AS count FROM due WHERE queue = ?');
    this.#some = db.prepare('SELECT visible, seq FROM due WHERE queue = ? LIMIT ? + 0');
    this.#anyExpired = db.prepare(
      'SELECT queue FROM message WHERE expires <= ? AND expires < 253402300799000 LIMIT 1',
    );
    this.#nextQueue = db.prepare('SELECT min(queue) AS queue FROM due WHERE queue > ?');
    this.#hiddenTooLong = db.prepare(
      'SELECT visible, seq, dequeues, receipt FROM due WHERE queue = ? AND visible > ? LIMIT ? + 0',
    );
    this.#walk = db.prepare(
      'SELECT d.visible, d.seq, m.expires FROM due d JOIN message m ON m.seq = d.seq WHERE d.queue = ? AND (d.visible, d.seq) > (?, ?) ORDER BY d.visible, d.seq LIMIT ? + 0',
    );
  }

  put(queue: number, text: string, now: number, visible: number, expires: number): Message {
    const nonce = newNonce();
    const receipt = newReceipt(visible);
    const seq = Number(this.#insert.run(queue, nonce, now, expires, text).lastInsertRowid);
    this.#insertDue.run(queue, visible, seq, 0, receipt.token);
    this.#counted(queue, 1);
    const id = encodeMessageId(nonce, seq);
    return { id, receipt: encodeReceipt(receipt), inserted: now, expires, visible, dequeues: 0, text };
  }

  /** Takes up to `limit` that are visible, in their order, and hides them until `visible`. */
  take(queue: number, now: number, visible: number, limit: number): Message[] {
    const taken: Message[] = [];
    while (taken.length < limit) {
      const wanted = limit - taken.length;
      const rows = this.#due.all(queue, now, wanted) as unknown as Row[];
      for (const row of rows) {
        if (row.expires <= now) {
          this.#delete(queue, row.visible, row.seq);
          continue;
        }
        const receipt = newReceipt(visible);
        this.#moveDue.run(visible, row.dequeues + 1, receipt.token, queue, row.visible, row.seq);
        taken.push(messageOf(row, row.dequeues + 1, visible, encodeReceipt(receipt)));
      }
      // Without a time-out they are visible again at once, and must not be given twice in one answer.
      if (rows.length < wanted || visible <= now) break;
    }
    return taken;
  }

  peek(queue: number, now: number, limit: number): Message[] {
    const rows = this.#shown.all(queue, now, now, limit) as unknown as Row[];
    return rows.map((row) => messageOf(row, row.dequeues, row.visible, ''));
  }

  /** @throws {StorageError} MessageNotFound, PopReceiptMismatch */
  remove(queue: number, id: string, receipt: string, now: number): void {
    const { seq, visible } = this.#held(queue, id, receipt, now);
    this.#delete(queue, visible, seq);
  }

  /** Hides it until `visible`, with another text where one is given. @returns the new receipt */
  update(
    queue: number,
    id: string,
    receipt: string,
    now: number,
    visible: number,
    text: string | undefined,
  ): string {
    const held = this.#held(queue, id, receipt, now);
    const next = newReceipt(visible);
    this.#moveDue.run(visible, held.dequeues, next.token, queue, held.visible, held.seq);
    if (text !== undefined) this.#setText.run(text, held.seq);
    return encodeReceipt(next);
  }

  count(queue: number): number {
    const known = this.#counts.get(queue);
    if (known !== undefined) return known;
    const count = Number(this.#count.get(queue)?.count);
    this.#counts.set(queue, count);
    return count;
  }

  /** To be called when a queue's number is given up. */
  forget(queue: number): void {
    this.#counts.delete(queue);
  }

  /** Removes some of a queue that is given up. @returns how many */
  sweep(queue: number, limit: number): number {
    const rows = this.#some.all(queue, limit);
    for (const { visible, seq } of rows) this.#delete(queue, Number(visible), Number(seq));
    return rows.length;
  }

  /** A queue with messages whose time to live has ended, wherever in it they are. */
  queueWithExpired(now: number): number | undefined {
    const row = this.#anyExpired.get(now);
    return row && Number(row.queue);
  }

  /** Removes what has ended among the `limit` messages behind a place. @returns the last place looked at */
  sweepExpired(
    queue: number,
    now: number,
    after: { visible: number; seq: number },
    limit: number,
  ): { visible: number; seq: number } | undefined {
    const rows = this.#walk.all(queue, after.visible, after.seq, limit) as unknown as Row[];
    for (const { visible, seq, expires } of rows) if (expires <= now) this.#delete(queue, visible, seq);
    return rows.length < limit ? undefined : rows.at(-1);
  }

  /** The next queue that has messages. @param queue 0 before the first */
  queueAfter(queue: number): number | undefined {
    const next = this.#nextQueue.get(queue)?.queue;
    return typeof next === 'number' ? next : undefined;
  }

  /**
   * Shows up to `limit` messages that are hidden for longer than anybody may hide one: whoever hid them took a wrong time
   * for the right one. Who holds one finds its receipt no longer good, as when the time-out has passed.
   *
   * @returns how many
   */
  showHiddenTooLong(queue: number, now: number, limit: number): number {
    const rows = this.#hiddenTooLong.all(queue, now + MOST_HIDDEN_S * 1000 + CLOCKS_DIFFER_MS, limit);
    for (const { visible, seq, dequeues } of rows)
      this.#moveDue.run(now, Number(dequeues), newReceipt(now).token, queue, Number(visible), Number(seq));
    return rows.length;
  }

  #held(
    queue: number,
    id: string,
    receipt: string,
    now: number,
  ): { seq: number; visible: number; dequeues: number } {
    const message = decodeMessageId(id);
    if (!message) throw messageNotFound();
    const { seq, nonce } = message;
    const held = decodeReceipt(receipt);
    const due = held && this.#dueAt.get(queue, held.visible, seq);
    const found = this.#find.get(seq);
    if (!found || found.queue !== queue || found.nonce !== nonce || Number(found.expires) <= now) {
      throw messageNotFound();
    }
    if (!held || !due || due.receipt !== held.token) throw popReceiptMismatch();
    return { seq, visible: held.visible, dequeues: Number(due.dequeues) };
  }

  #delete(queue: number, visible: number, seq: number): void {
    this.#removeDue.run(queue, visible, seq);
    this.#remove.run(seq);
    this.#counted(queue, -1);
  }

  #counted(queue: number, change: number): void {
    const known = this.#counts.get(queue);
    if (known !== undefined) this.#counts.set(queue, known + change);
  }
}

const messageOf = (row: Row, dequeues: number, visible: number, receipt: string): Message => ({
  id: encodeMessageId(row.nonce, row.seq),
  receipt,
  visible,
  dequeues,
  inserted: row.inserted,
  expires: row.expires,
  text: row.text,
});
