import { type Job, outcomeFor, type StepRecord } from '../../domain/job.ts';
import { OUTPUT_STEP } from '../../domain/step-name.ts';
import type { Message } from '../message/message.ts';
import type { JobChange, Journal, JournalEntry } from './journal.ts';

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
    entry: JournalEntry,
    run: number,
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

  /** Records an outcome of `step`. */
  outcome(entry: JournalEntry, message: Message, step: string, record: StepRecord, pipeline: string[]) {
    return this.#write(
      entry,
      message.run,
      (job) => ({ ...advance(job, message, pipeline), steps: { [step]: record } }),
      (job) =>
        // Of a job that ended early only its row is still to come.
        (job.end !== undefined && step !== OUTPUT_STEP) ||
        outcomeFor(job, step, message.run, message.rerun_steps) !== undefined,
    );
  }

  /** Records that the job ended early. */
  end(entry: JournalEntry, message: Message, end: NonNullable<Job['end']>, pipeline: string[]) {
    return this.#write(
      entry,
      message.run,
      (job) => ({ ...advance(job, message, pipeline), end }),
      (job) => job.end !== undefined,
    );
  }

  /** Records that the message was put back as `seq`, which must have been sent already. */
  waiting(
    entry: JournalEntry,
    message: Message,
    step: string,
    record: StepRecord,
    seq: number,
    pipeline: string[],
  ) {
    return this.#write(
      entry,
      message.run,
      (job) => ({ ...advance(job, message, pipeline), seq, steps: { [step]: record } }),
      (job) =>
        (job.steps[step]?.run === message.run && (job.steps[step]?.seq ?? 0) >= seq) ||
        outcomeFor(job, step, message.run, message.rerun_steps) !== undefined,
    );
  }
}

/** A message of a newer run takes the row over when it is worked on, never before. */
function advance(job: Job, message: Message, pipeline: string[]): JobChange {
  if (message.run <= job.run) return {};
  return { run: message.run, seq: message.seq, pipeline };
}
