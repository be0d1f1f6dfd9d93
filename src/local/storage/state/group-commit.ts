import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { StorageError } from '../http/storage-error.ts';

/** Where a power cut is of interest to a test. */
export type StoragePoint = 'content-written' | 'before-commit' | 'committed' | 'checkpoint';

/**
 * One transaction for all requests of one turn of the event loop. Whatever a request sees or changes, its answer is
 * given only once the commit, and with it SQLite's fsync, has returned: an answer never speaks of what a power cut
 * could still undo. While the disk is busy the next requests gather, so the load itself sets the size of a group.
 */
export class GroupCommit {
  readonly #db: DatabaseSync;
  readonly #at: (point: StoragePoint) => void;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #save: StatementSync;
  readonly #release: StatementSync;
  readonly #undo: StatementSync;
  /** Answers that wait for the commit of this turn; called with what it failed of, if it did. */
  #waiting: ((failure: unknown) => void)[] = [];
  #open = false;
  /** Why SQLite has given up the transaction of this turn before its end: nothing of it may be told of or go on. */
  #broken: unknown;
  readonly #afterCommit = new Set<() => void>();
  readonly #afterUndo = new Set<() => void>();

  constructor(db: DatabaseSync, at: (point: StoragePoint) => void = () => {}) {
    this.#db = db;
    this.#at = at;
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#save = db.prepare('SAVEPOINT one');
    this.#release = db.prepare('RELEASE one');
    this.#undo = db.prepare('ROLLBACK TO one');
  }

  /** Called after each commit that succeeded. */
  onCommit(listener: () => void): void {
    this.#afterCommit.add(listener);
  }

  /** Called when something written was taken back: what is kept in memory of it must go, too. */
  onUndo(listener: () => void): void {
    this.#afterUndo.add(listener);
  }

  /** Runs now and at once; settles after the commit. What it wrote before it threw is taken back. */
  write<T>(work: () => T): Promise<T> {
    try {
      this.#enter();
    } catch (error) {
      return Promise.reject(asAnswer(error));
    }
    if (this.#broken !== undefined) return this.#afterwards({ error: this.#broken });
    let outcome: { value: T } | { error: unknown };
    this.#save.run();
    try {
      outcome = { value: work() };
      this.#release.run();
    } catch (error) {
      outcome = { error: asAnswer(error) };
      this.#takeBack(outcome.error);
    }
    return this.#afterwards(outcome);
  }

  /** Runs now; settles at once, or after the commit when others of this turn have written what it may have seen. */
  read<T>(work: () => T): Promise<T> {
    let outcome: { value: T } | { error: unknown };
    try {
      outcome = { value: work() };
    } catch (error) {
      outcome = { error: asAnswer(error) };
    }
    if (this.#open) return this.#afterwards(outcome);
    return 'value' in outcome ? Promise.resolve(outcome.value) : Promise.reject(outcome.error);
  }

  /** Commits what this turn has written so far. */
  flush(): void {
    if (!this.#open) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#open = false;
    let failure = this.#broken;
    this.#broken = undefined;
    try {
      if (failure !== undefined) throw failure;
      this.#at('before-commit');
      this.#commit.run();
      this.#at('committed');
    } catch (error) {
      failure = asAnswer(error);
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      for (const listener of this.#afterUndo) listener();
    }
    for (const answer of waiting) answer(failure);
    if (failure === undefined) for (const listener of this.#afterCommit) listener();
  }

  #enter(): void {
    if (this.#open) return;
    this.#begin.run();
    this.#open = true;
    // After all that this turn of the loop brought in, before it waits for more.
    setImmediate(() => this.flush());
  }

  #takeBack(error: unknown): void {
    // A full disk can have ended the whole transaction already, and with it what others of this turn have written.
    if (this.#db.isTransaction) {
      this.#undo.run();
      this.#release.run();
    } else this.#broken = error;
    for (const listener of this.#afterUndo) listener();
  }

  #afterwards<T>(outcome: { value: T } | { error: unknown }): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push((failure) => {
      if (failure !== undefined) reject(failure);
      else if ('value' in outcome) resolve(outcome.value);
      else reject(outcome.error);
    });
    return promise;
  }
}

/** What SQLite and the file system say of a full disk, as the answer that clients get. */
export function asAnswer(error: unknown): unknown {
  return isDiskFull(error) ? diskFull() : error;
}

/** Whether SQLite or the file system says that there is no space. */
export function isDiskFull(error: unknown): boolean {
  const { code, errcode } = Object(error) as { code?: unknown; errcode?: unknown };
  return errcode === SQLITE_FULL || code === 'ENOSPC' || code === 'EDQUOT';
}

const SQLITE_FULL = 13;

const diskFull = (): StorageError =>
  new StorageError(
    507,
    'InsufficientStorage',
    'The disk that holds the data folder is full: nothing of this request was kept. Free some space and try again.',
  );
