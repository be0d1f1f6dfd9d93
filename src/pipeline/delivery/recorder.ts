import { type Job, type JobEnd, outcomeFor, type StepRecord } from '../../domain/job.ts';
import { OUTPUT_STEP } from '../../domain/step-name.ts';
import type { Journal, JournalEntry } from '../journal/journal.ts';
import type { JobChange } from '../journal/journal-row.ts';
import type { Visit } from './visit.ts';

/** Conflicts in a row beyond which something is wrong with the row itself. */
const MAX_CONFLICTS = 20;

/**
 * Writes what happened to a step into the journal, the first writer winning: a worker that comes second adopts what
 * is recorded, and one whose run is over writes nothing.
 */
export class Recorder {
  readonly #journal: Journal;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /**
   * @param make the change for a given version of the row
   * @param settled whether a version of the row makes the change needless
   * @returns the row as it now stands, or `overtaken` where a newer run has taken the job over, or it has been erased
   */
  async #write(
    { entry, message: { run } }: Visit,
    make: (job: Job) => JobChange,
    settled: (job: Job) => boolean,
  ): Promise<JournalEntry | 'overtaken'> {
    let current = entry;
    for (let conflict = 0; conflict < MAX_CONFLICTS; conflict += 1) {
      const { job } = current;
      if (job.run > run || job.erasedAt !== undefined) return 'overtaken';
      if (settled(job)) return current;
      const written = await this.#journal.update(current, make(job));
      if (written) return written;
      const fresh = await this.#journal.read(job.batchId, job.id);
      if (!fresh) return 'overtaken';
      current = fresh;
    }
    throw new Error('The journal row kept changing under this worker.');
  }

  /**
   * Records an outcome of the step.
   *
   * @param following outcomes of steps behind it that follow from this one: recorded only over the row they were found for,
   *   for in one that has changed they may be another delivery's
   */
  outcome(visit: Visit, record: StepRecord, following: Readonly<Record<string, StepRecord>> = {}) {
    const { step, message, entry } = visit;
    return this.#write(
      visit,
      (job) => ({
        ...advance(job, visit),
        steps: { [step.name]: record, ...(job === entry.job && following) },
      }),
      (job) =>
        // Of a job that ended early only its row is still to come.
        (job.end !== undefined && step.name !== OUTPUT_STEP) ||
        outcomeFor(job, step.name, message.run, message.rerun_steps) !== undefined,
    );
  }

  /** Records that the job ended early. */
  end(visit: Visit, end: JobEnd) {
    return this.#write(
      visit,
      (job) => ({ ...advance(job, visit), end }),
      (job) => job.end !== undefined,
    );
  }

  /** Records that the message was put back under the record's `seq`, which must have been sent already. */
  waiting(visit: Visit, record: StepRecord) {
    const { step, message } = visit;
    const { seq } = record;
    return this.#write(
      visit,
      (job) => ({ ...advance(job, visit), seq, steps: { [step.name]: record } }),
      (job) =>
        (job.steps[step.name]?.run === message.run && (job.steps[step.name]?.seq ?? 0) >= seq) ||
        outcomeFor(job, step.name, message.run, message.rerun_steps) !== undefined,
    );
  }
}

/** A message of a newer run takes the row over when it is worked on, never before. */
function advance(job: Job, { message, pipeline }: Visit): JobChange {
  if (message.run <= job.run) return {};
  return { run: message.run, seq: message.seq, pipeline: [...pipeline] };
}
