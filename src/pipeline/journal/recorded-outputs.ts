import { type Table, tableKey } from '../../storage/tables.ts';
import { toSafeJson } from '../message/codec.ts';
import type { LinkedJob } from './job-links.ts';
import { outputColumn, outputsIn } from './journal-row.ts';

/** What some steps of a job have put out last, or where that is kept. */
export interface JobOutputs extends LinkedJob {
  outputs: Record<string, unknown>;
}

/** Jobs in a page: as many as are read into memory, and parsed, within a few milliseconds. */
const PAGE = 250;

/** The outputs that the journal holds: for those who look for what they say of other images. */
export class RecordedOutputs {
  readonly #rows: Table;

  constructor(rows: Table) {
    this.#rows = rows;
  }

  /** Of every job that has any, what these steps put out last. */
  async *all(steps: readonly string[]): AsyncGenerator<JobOutputs> {
    let from: string | undefined;
    do {
      const page = await this.page(steps, from);
      yield* page.jobs;
      from = page.next;
    } while (from !== undefined);
  }

  /**
   * As `all`, some jobs at a time: for who goes on another time.
   *
   * @param from `next` of the page before
   */
  async page(
    steps: readonly string[],
    from: string | undefined,
  ): Promise<{ jobs: JobOutputs[]; next?: string }> {
    const select = ['jobId', 'batchId', ...steps.map(outputColumn)];
    const { rows, ...rest } = await this.#rows.page({ from, select, size: PAGE });
    const jobs = rows.flatMap(({ columns }) => {
      const outputs = outputsIn(columns, steps);
      if (columns.jobId === undefined || Object.keys(outputs).length === 0) return [];
      return [{ id: String(columns.jobId), batchId: String(columns.batchId), outputs }];
    });
    return { jobs, ...rest };
  }

  /** The same of one job. */
  async of({ batchId, id }: LinkedJob, steps: readonly string[]): Promise<Record<string, unknown>> {
    const row = await this.#rows.get(tableKey(batchId), tableKey(id), steps.map(outputColumn));
    return outputsIn(row?.columns ?? {}, steps);
  }

  /** Changes what steps have put out, whoever else changes the row. Nothing where the row or an output has gone. */
  async change(
    { batchId, id }: LinkedJob,
    steps: string | readonly string[],
    change: (output: unknown) => unknown,
  ): Promise<void> {
    const [batch, key] = [tableKey(batchId), tableKey(id)];
    for (;;) {
      const row = await this.#rows.get(batch, key);
      if (!row) return;
      const changed: Record<string, string> = {};
      for (const [step, output] of Object.entries(outputsIn(row.columns, [steps].flat()))) {
        const after = change(output);
        if (after !== output) changed[outputColumn(step)] = toSafeJson(after);
      }
      if (Object.keys(changed).length === 0) return;
      if (await this.#rows.update(batch, key, changed, row.etag)) return;
    }
  }
}
