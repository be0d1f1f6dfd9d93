import type { Job } from '../../domain/job.ts';
import type { AnyStep } from '../../domain/step.ts';
import type { JournalEntry } from '../journal/journal.ts';
import type { Message } from '../message/message.ts';
import type { Delivery } from './delivery.ts';

/** One message at its step, with the job it is about. */
export interface Visit {
  readonly step: AnyStep;
  readonly message: Message;
  /** The journal row as it was when the visit began. */
  readonly entry: JournalEntry;
  /** Of the run that the message belongs to: the job's own, or another one that a newer run brings. */
  readonly pipeline: readonly string[];
  readonly delivery: Pick<Delivery, 'log' | 'signal'>;
}

/** The job as this visit's run goes through it. */
export const jobOf = ({ entry, pipeline }: Visit): Job => ({ ...entry.job, pipeline: [...pipeline] });

/** Attempts of the step that are recorded of this run. */
export function attemptsBefore({ entry, step, message }: Visit): number {
  const record = entry.job.steps[step.name];
  return record?.state === 'waiting' && record.run === message.run ? record.attempts : 0;
}
