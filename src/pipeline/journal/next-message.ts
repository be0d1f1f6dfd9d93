import { toConsentMessage } from '../../domain/consent.ts';
import { type Job, outcomeFor } from '../../domain/job.ts';
import { OUTPUT_STEP } from '../../domain/step-name.ts';
import type { Message } from '../message/message.ts';
import { standingOf } from './standing.ts';

/**
 * The position of the next step that has no outcome in this run, from `from` on; a job that ended early goes straight
 * to its output.
 */
export function nextPosition(job: Job, message: Message, from: number): number {
  const last = job.pipeline.length - 1;
  if (job.end) return last;
  let position = Math.min(from, last);
  while (position < last) {
    const step = job.pipeline[position];
    if (step === undefined || !outcomeFor(job, step, message.run, message.rerun_steps)) break;
    position += 1;
  }
  return position;
}

/**
 * The message for `position`, built from recorded outcomes only: of what the current message carries, nothing but
 * its unknown fields is trusted.
 */
export function messageFor(job: Job, message: Message, position: number, seq: number): Message {
  const output: Record<string, unknown> = {};
  const errors: NonNullable<Message['job_errors']> = {};
  for (const [name, value] of Object.entries(message.job_output)) {
    if (!job.pipeline.includes(name)) output[name] = value;
  }
  for (const name of job.pipeline) {
    if (name === OUTPUT_STEP) continue;
    const outcome = outcomeFor(job, name, message.run, message.rerun_steps);
    if (outcome?.output !== undefined) output[name] = outcome.output;
    if (outcome?.state !== 'failed' && outcome?.state !== 'skipped') continue;
    const standing = standingOf(job, name, message);
    if (standing.error) {
      errors[name] = {
        ...standing.error,
        attempts: standing.attempts,
        retryable: outcome.retryable ?? false,
      };
    }
  }
  return {
    ...message,
    job_definition: {
      ...message.job_definition,
      batch_id: job.batchId,
      ...(job.consent && { consent: toConsentMessage(job.consent) }),
      processing_pipeline: job.pipeline,
      processing_step: position,
    },
    job_output: output,
    ...(Object.keys(errors).length > 0 ? { job_errors: errors } : { job_errors: undefined }),
    run: message.run,
    seq,
    away_since: undefined,
    deaths: 0,
  };
}
