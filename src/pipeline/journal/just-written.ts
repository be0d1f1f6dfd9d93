import type { Job } from '../../domain/job.ts';
import type { Clock } from '../../domain/ports.ts';
import { fromColumns, jobColumns } from './journal-row.ts';

/** Rows kept: of more jobs than one process has under way. */
const MOST = 200;

/** After this a row is read again: what others have done to it since must not go unnoticed for longer than a step takes. */
const FRESH_MS = 30_000;

interface Written {
  readonly job: Job;
  /** Of the row as it now is. */
  readonly etag: string;
}

/**
 * Journal rows that this process has just written, for the step that comes next and needs the very same row. Each is
 * given out once and only for the ETag that the message was sent with: any other process's write, and any other
 * delivery, makes the reader ask the table. Every write is conditional on that ETag, so that a row which has changed
 * meanwhile is noticed where it matters.
 */
export class JustWritten {
  readonly #clock: Clock;
  readonly #rows = new Map<string, Written & { sentWith: string; at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param sentWith the ETag in the message of the step that comes next: that of the row before, where it was sent first */
  keep(job: Job, etag: string, sentWith = etag): void {
    this.#rows.delete(job.id);
    // What an earlier run of a step left has no column of its own: such a row is only whole when it is read.
    if (
      etag === '' ||
      job.erasedAt !== undefined ||
      Object.values(job.steps).some(({ kept }) => kept !== undefined)
    )
      return;
    this.#rows.set(job.id, { job, etag, sentWith, at: this.#clock() });
    const [oldest] = this.#rows.keys();
    if (this.#rows.size > MOST && oldest !== undefined) this.#rows.delete(oldest);
  }

  /** @returns the job as reading its row would give it, with the ETag of that */
  take(batchId: string, id: string, sentWith: string): Written | undefined {
    const row = this.#rows.get(id);
    this.#rows.delete(id);
    if (row?.sentWith !== sentWith || row.job.batchId !== batchId || this.#clock() - row.at > FRESH_MS)
      return undefined;
    return { job: fromColumns(jobColumns(row.job)), etag: row.etag };
  }
}
