import { reason } from '../../domain/errors.ts';
import { type Job, outcomeFor, type StepRecord } from '../../domain/job.ts';
import type { StepStanding } from '../../domain/step.ts';

/** Which run of a job is looked at, and which steps that run does again. */
interface RunOf {
  run: number;
  rerun_steps?: readonly string[] | undefined;
}

/** How a step of the job ended in this run; a step without an outcome is skipped, and the job's end says why. */
export function standingOf(job: Job, step: string, { run, rerun_steps }: RunOf): StepStanding {
  const outcome = outcomeFor(job, step, run, rerun_steps);
  if (!outcome) {
    const error =
      job.end?.reason ??
      reason(
        'NotReached',
        `Step "${step}" was not reached: the message that ended the job had passed it by. Rerun it.`,
      );
    return { state: 'skipped', error, attempts: 0 };
  }
  return {
    state: outcome.state as StepStanding['state'],
    ...(outcome.error && { error: outcome.error }),
    attempts: outcome.attempts,
    ...(outcome.ms !== undefined && { ms: outcome.ms }),
  };
}

/**
 * Why a step cannot run for lack of what it needs, or undefined where it can. Where a need may not run by policy the
 * step may not either; where a need failed, the step is skipped.
 */
export function lackOf(
  job: Job,
  needs: readonly string[],
  which: RunOf,
): Pick<StepRecord, 'state' | 'error' | 'output'> | undefined {
  for (const need of needs) {
    const outcome = outcomeFor(job, need, which.run, which.rerun_steps) ?? broughtAlong(job, need);
    if (outcome?.state === 'done') continue;
    if (outcome?.state === 'unavailable' && outcome.error) {
      return { state: 'unavailable', error: outcome.error, output: { unavailable: outcome.error } };
    }
    const cause = outcome?.error ? ` (${outcome.error.code})` : '';
    return {
      state: 'skipped',
      error: reason(
        'NeedMissing',
        `Skipped, because step "${need}", whose output it needs, ${outcome ? `was ${outcome.state}${cause}` : 'has none'}.`,
      ),
    };
  }
  return undefined;
}

/** The output of a step outside the pipeline, which the first message of the job brought along. */
export function broughtAlong(job: Job, step: string): StepRecord | undefined {
  return job.pipeline.includes(step) ? undefined : job.steps[step];
}
