import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../../domain/ports.ts';

type ReadStatus = 'notStarted' | 'running' | 'succeeded' | 'failed';

interface ReadOperation {
  status: ReadStatus;
  created: number;
  updated: number;
  /** JSON of the service's `analyzeResult`. */
  result: string | null;
}

/** Read operations and, for a bounded time, their results: on disk, so that a poll after a restart is answered. */
export class ReadOperations {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #keepMs: number;

  constructor(db: DatabaseSync, clock: Clock, keepMs: number) {
    this.#db = db;
    this.#clock = clock;
    this.#keepMs = keepMs;
    // Their images are gone with the process that held them.
    db.exec("UPDATE read_operation SET status = 'failed' WHERE status IN ('notStarted', 'running')");
  }

  start(id: string): void {
    const now = this.#clock();
    this.sweep();
    this.#db.prepare('INSERT INTO read_operation VALUES (?, ?, ?, ?, NULL)').run(id, 'notStarted', now, now);
  }

  move(id: string, status: ReadStatus, result: string | null = null): void {
    this.#db
      .prepare('UPDATE read_operation SET status = ?, updated = ?, result = ? WHERE id = ?')
      .run(status, this.#clock(), result, id);
  }

  /** Removes results that nobody may ask for any more: they are what stands in people's papers. */
  sweep(): void {
    this.#db.prepare('DELETE FROM read_operation WHERE created <= ?').run(this.#clock() - this.#keepMs);
  }

  find(id: string): ReadOperation | undefined {
    const row = this.#db
      .prepare('SELECT * FROM read_operation WHERE id = ? AND created > ?')
      .get(id.toLowerCase(), this.#clock() - this.#keepMs);
    return row as unknown as ReadOperation | undefined;
  }
}
