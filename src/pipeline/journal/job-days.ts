import { createHash } from 'node:crypto';
import { type Table, tableKey } from '../../storage/tables.ts';
import { byJob, type LinkedJob, PREFIX } from './link-keys.ts';

/** Of ISO 8601, so many characters are the day. */
const DAY = '2026-01-01'.length;

/**
 * Where the jobs admitted on a day are: in sixteen partitions, for each takes so many writes a second only.
 *
 * @param at ISO 8601
 */
export const ofAdmission = (at: string, id: string): string =>
  `on:${at.slice(0, DAY)}:${createHash('sha256').update(id).digest('hex').slice(0, 1)}`;
const ofEnd = (at: string): string => `to:${at.slice(0, DAY)}`;

/** A job found by a day, with the beginning of that day: ISO 8601. */
interface DatedJob extends LinkedJob {
  day: string;
}

/** Those links of table `joblinks` that lead from a day to its jobs: for whoever looks for what is too old, every night. */
export class JobDays {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  /** Writes the link itself: what leads there has been written, so that none is left behind when the job is removed. */
  async link({ id, batchId }: LinkedJob, day: string): Promise<void> {
    await this.#table.upsert(day, tableKey(id), { jobId: id, batchId });
  }

  /** @param expires from when on the job's image is to be erased, where its own message said so: ISO 8601 */
  async noteEnd(job: LinkedJob, expires: string): Promise<void> {
    // Later than the year 9999 it is written otherwise, and never comes.
    if (!/^\d{4}-/.test(expires)) return;
    const day = ofEnd(expires);
    await this.#table.upsert(byJob(job.id), `day-${day}`, { day });
    await this.link(job, day);
  }

  /**
   * Jobs admitted before a moment (ISO 8601), and others of the same day; oldest first.
   *
   * @param since not those of days before that of this moment
   */
  admittedBefore(before: string, since = ''): AsyncGenerator<DatedJob> {
    return this.#until('on', before, since);
  }

  /** Jobs whose own end came before a moment, and others of the same day. */
  endingBefore(before: string): AsyncGenerator<DatedJob> {
    return this.#until('to', before);
  }

  async *#until(kind: 'on' | 'to', before: string, since = ''): AsyncGenerator<DatedJob> {
    const partitions = { from: `${kind}:${since.slice(0, DAY)}`, below: `${kind}:${before.slice(0, DAY)}~` };
    for await (const { partitionKey, columns } of this.#table.list({ partitions })) {
      const day = partitionKey.slice(PREFIX, PREFIX + DAY);
      yield { id: String(columns.jobId), batchId: String(columns.batchId), day };
    }
  }
}
