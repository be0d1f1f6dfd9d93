import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import type { Checkpointed } from './checkpoint-worker.ts';
import { type GroupCommit, isDiskFull, type StoragePoint } from './group-commit.ts';

/** So many commits, or so long after the first one, the log is copied into the database. */
const COMMITS = 1000;
const PAUSE_MS = 1000;
/** A log this long, in pages, is caught up with here when the thread alone cannot: a few pages, while writes wait. */
const CATCH_UP_PAGES = 4000;
/** The log still holds what was deleted: it is emptied when nothing is written, and at least so often. */
const EMPTY_EVERY_MS = 20_000;

/** Keeps the write-ahead log short, beside the writes. What is committed is safe with or without it. */
export class Checkpoints {
  readonly #db: DatabaseSync;
  readonly #at: (point: StoragePoint) => void;
  readonly #worker: Worker;
  readonly #ended: Promise<unknown>;
  readonly #timer: NodeJS.Timeout;
  #commits = 0;
  #running = false;
  #empty = true;
  /** What is to be done in this thread once no transaction is open. */
  #due: (() => void) | undefined;
  #emptiedAt = performance.now();

  constructor(db: DatabaseSync, group: GroupCommit, file: string, at: (point: StoragePoint) => void) {
    this.#db = db;
    this.#at = at;
    const script = new URL(`./checkpoint-worker${path.extname(import.meta.url)}`, import.meta.url);
    this.#worker = new Worker(script, {
      workerData: file,
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
    });
    this.#worker.on('message', (done: Checkpointed) => this.#done(done));
    // Without it the log grows until the next start: worse than slow, but nothing is lost.
    this.#worker.on('error', () => {
      this.#running = true;
    });
    this.#ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#worker.unref();
    group.onCommit(() => {
      this.#commits += 1;
      this.#empty = false;
      this.#doDue();
      if (this.#commits >= COMMITS) this.#start();
    });
    this.#timer = setInterval(() => this.#tick(), PAUSE_MS);
    this.#timer.unref();
  }

  /** Copies what is left, and empties the log. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    // A process that has nothing else to do must live until the log is copied.
    this.#worker.ref();
    this.#worker.postMessage('close');
    await this.#ended;
    this.#whereThereIsSpace(() => this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
  }

  #tick(): void {
    if (this.#commits > 0) {
      this.#start();
      return;
    }
    if (!this.#empty && !this.#running) this.#emptyLog();
  }

  #start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#commits = 0;
    this.#at('checkpoint');
    this.#worker.postMessage('checkpoint');
  }

  #done({ log, checkpointed }: Checkpointed): void {
    this.#running = false;
    if (!this.#empty && performance.now() - this.#emptiedAt > EMPTY_EVERY_MS) this.#emptyLog();
    else if (log > CATCH_UP_PAGES && checkpointed < log) {
      this.#betweenCommits(() => this.#db.exec('PRAGMA wal_checkpoint(PASSIVE)'));
    }
  }

  #emptyLog(): void {
    this.#betweenCommits(() => {
      const done = this.#db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
      if (Number(done?.busy) !== 0) return;
      this.#empty = true;
      this.#emptiedAt = performance.now();
    });
  }

  /** Now, or, where a transaction is open, which a checkpoint cannot be within, right after its commit. */
  #betweenCommits(work: () => void): void {
    if (this.#db.isTransaction) this.#due = () => this.#whereThereIsSpace(work);
    else this.#whereThereIsSpace(work);
  }

  #doDue(): void {
    // Two checkpoints exclude each other, and this one would wait with all requests behind it.
    if (!this.#due || this.#running) return;
    const due = this.#due;
    this.#due = undefined;
    due();
  }

  /** On a full disk the log stays as it is, which loses nothing; it is tried again later, or at the next start. */
  #whereThereIsSpace(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!isDiskFull(error)) throw error;
    }
  }
}
