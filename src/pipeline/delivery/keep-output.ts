import type { Job } from '../../domain/job.ts';
import { jobKey } from '../../domain/job-id.ts';
import type { AnyStep } from '../../domain/step.ts';
import type { Journal } from '../journal/journal.ts';
import type { ClaimCheck } from '../message/claim-check.ts';
import type { Message } from '../message/message.ts';

export interface KeepDeps {
  journal: Pick<Journal, 'links'>;
  claimCheck: ClaimCheck;
}

/** What the journal keeps of an output: itself, or where it stands. */
export async function keepOutput(
  step: AnyStep,
  { run }: Pick<Message, 'run'>,
  job: Pick<Job, 'id' | 'batchId'>,
  output: unknown,
  { journal, claimCheck }: KeepDeps,
): Promise<unknown> {
  const slot = `${step.name}-${run}`;
  // Before the output is kept: an erasure goes by what leads to it.
  if (step.mentions) await journal.links.noteMentions(job, slot, output);
  return claimCheck.inlineOrStore(jobKey(job.id), slot, output);
}
