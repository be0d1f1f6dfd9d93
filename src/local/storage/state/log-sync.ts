import { closeSync, fdatasync, openSync } from 'node:fs';

/**
 * Makes what is committed last, beside the event loop: SQLite under `synchronous = NORMAL` writes a commit to the end of
 * its log and leaves the fsync to whoever needs one, which it would else do itself while every other request waits.
 * The log is one file for as long as the database is open, and no lock is on it that closing this file could drop.
 */
export class LogSync {
  readonly #file: number;

  /** @param log the write-ahead log of a database that is open */
  constructor(log: string) {
    // Windows flushes only what is open for writing.
    this.#file = openSync(log, 'r+');
  }

  /** Calls back once all that the log held at the call is on the disk, or with why it is not. */
  readonly sync = (done: (error: unknown) => void): void => fdatasync(this.#file, done);

  close(): void {
    closeSync(this.#file);
  }
}
