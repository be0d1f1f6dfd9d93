import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { StorageError } from '../http/storage-error.ts';

/** Where a power cut is of interest to a test. */
export type StoragePoint = 'content-written' | 'before-commit' | 'committed' | 'checkpoint';

/** Makes commits last, and calls back when they do. */
type Sync = (done: (error: unknown) => void) => void;

export interface GroupOptions {
  readonly at?: (point: StoragePoint) => void;
  /** Absent: a commit lasts as soon as it has returned. */
  readonly sync?: Sync;
  /** Called once where the disk does not keep what is written: this process must end, and begin anew from the disk. */
  readonly onLost?: (error: unknown) => void;
}

/** Called when what a request has seen or written lasts, or with why it never will. */
type Waiting = (failure: unknown) => void;

/**
 * One transaction for all requests of one turn of the event loop, and for those that come while the one before it is
 * being made to last. Whatever a request sees or changes, its answer is given only once the commit, and the fsync after
 * it, have returned: an answer never speaks of what a power cut could still undo. So the load itself sets the size
 * of a group, and the loop goes on reading requests while the disk is busy.
 */
export class GroupCommit {
  readonly #db: DatabaseSync;
  readonly #at: (point: StoragePoint) => void;
  readonly #sync: Sync;
  readonly #onLost: (error: unknown) => void;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #save: StatementSync;
  readonly #release: StatementSync;
  readonly #undo: StatementSync;
  readonly #changes: StatementSync;
  /** Answers of the transaction that is open. */
  #waiting: Waiting[] = [];
  /** Answers of the one that is committed and does not last yet. */
  #syncing: Waiting[] | undefined;
  #open = false;
  #changesBefore = 0;
  /** Why SQLite has given up the transaction before its end: nothing of it may be told of or go on. */
  #broken: unknown;
  /** Why nothing can be promised any more. */
  #lost: unknown;
  readonly #beforeCommit = new Set<() => void>();
  readonly #afterCommit = new Set<() => void>();
  readonly #afterUndo = new Set<() => void>();

  constructor(db: DatabaseSync, { at, sync, onLost }: GroupOptions = {}) {
    this.#db = db;
    this.#at = at ?? (() => {});
    this.#sync = sync ?? ((done) => done(undefined));
    this.#onLost = onLost ?? (() => {});
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#save = db.prepare('SAVEPOINT one');
    this.#release = db.prepare('RELEASE one');
    this.#undo = db.prepare('ROLLBACK TO one');
    this.#changes = db.prepare('SELECT total_changes() AS count');
    this.#changesBefore = this.#countChanges();
  }

  /** Called within each transaction that changed something, right before its commit. */
  beforeCommit(listener: () => void): void {
    this.#beforeCommit.add(listener);
  }

  /** Called after each commit that changed something, at a moment at which no transaction is open. */
  onCommit(listener: () => void): void {
    this.#afterCommit.add(listener);
  }

  /** Called when something written was taken back: what is kept in memory of it must go, too. */
  onUndo(listener: () => void): void {
    this.#afterUndo.add(listener);
  }

  /** Runs now and at once; settles when its commit lasts. What it wrote before it threw is taken back. */
  write<T>(work: () => T): Promise<T> {
    try {
      this.#enter();
    } catch (error) {
      return Promise.reject(asAnswer(error));
    }
    if (this.#broken !== undefined) return afterwards(this.#waiting, { error: this.#broken });
    let outcome: Outcome<T>;
    this.#save.run();
    try {
      outcome = { value: work() };
      this.#release.run();
    } catch (error) {
      outcome = { error: asAnswer(error) };
      this.#takeBack(outcome.error);
    }
    return afterwards(this.#waiting, outcome);
  }

  /**
   * Runs now; settles at once, or, where others have written what it may have seen, when that lasts. Where that never
   * will, it runs again.
   *
   * @param drop called with what is not given to anybody then
   */
  read<T>(work: () => T, drop?: (value: T) => void): Promise<T> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    let outcome: Outcome<T>;
    try {
      outcome = { value: work() };
    } catch (error) {
      outcome = { error: asAnswer(error) };
    }
    const waiting = this.#open ? this.#waiting : this.#syncing;
    if (!waiting) return 'value' in outcome ? Promise.resolve(outcome.value) : Promise.reject(outcome.error);
    return afterwards(waiting, outcome, () => {
      if ('value' in outcome) drop?.(outcome.value);
      return this.read(work, drop);
    });
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    while (this.#open || this.#syncing) await this.write(() => {}).catch(() => {});
  }

  /** Commits what is open, unless the commit before it does not last yet: then that goes on with it. */
  #flush(): void {
    if (!this.#open || this.#syncing) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#open = false;
    let failure = this.#broken;
    this.#broken = undefined;
    const changes = this.#countChanges();
    const changed = changes !== this.#changesBefore;
    this.#changesBefore = changes;
    try {
      if (failure !== undefined) throw failure;
      if (changed) for (const listener of this.#beforeCommit) listener();
      this.#at('before-commit');
      this.#commit.run();
    } catch (error) {
      failure = asAnswer(error);
      this.#abandon();
    }
    if (failure !== undefined || !changed) {
      for (const answer of waiting) answer(failure);
      return;
    }
    this.#at('committed');
    this.#syncing = waiting;
    this.#sync((error) => this.#synced(error ?? undefined));
    for (const listener of this.#afterCommit) listener();
  }

  #synced(error: unknown): void {
    const done = this.#syncing ?? [];
    this.#syncing = undefined;
    if (error !== undefined) {
      // The system may have dropped what it could not write, and say nothing the next time: only the disk knows.
      this.#lost = asAnswer(error);
      done.push(...this.#waiting.splice(0));
      if (this.#open) this.#abandon();
      this.#open = false;
      this.#onLost(error);
    }
    for (const answer of done) answer(this.#lost);
    // Behind the answers, and the requests that have come meanwhile.
    if (this.#open) setImmediate(() => this.#flush());
  }

  #enter(): void {
    if (this.#lost !== undefined) throw this.#lost;
    if (this.#open) return;
    this.#begin.run();
    this.#open = true;
    // After all that this turn of the loop brought in, before it waits for more.
    setImmediate(() => this.#flush());
  }

  #abandon(): void {
    if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
    for (const listener of this.#afterUndo) listener();
  }

  #takeBack(error: unknown): void {
    // A full disk can have ended the whole transaction already, and with it what others of this turn have written.
    if (this.#db.isTransaction) {
      this.#undo.run();
      this.#release.run();
    } else this.#broken = error;
    for (const listener of this.#afterUndo) listener();
  }

  #countChanges(): number {
    return Number(this.#changes.get()?.count);
  }
}

type Outcome<T> = { value: T } | { error: unknown };

function afterwards<T>(waiting: Waiting[], outcome: Outcome<T>, again?: () => Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  waiting.push((failure) => {
    if (failure !== undefined) {
      if (again) resolve(again());
      else reject(failure);
    } else if ('value' in outcome) resolve(outcome.value);
    else reject(outcome.error);
  });
  return promise;
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

/** The answer where there is no space. */
export const diskFull = (): StorageError =>
  new StorageError(
    507,
    'InsufficientStorage',
    'The disk that holds the data folder is full: nothing of this request was kept. Free some space and try again.',
  );
