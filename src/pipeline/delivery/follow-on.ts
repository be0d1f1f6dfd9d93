import type { Job, StepRecord } from '../../domain/job.ts';
import { isLinkedContent } from '../../domain/linked-content.ts';
import type { Clock } from '../../domain/ports.ts';
import { OUTPUT_STEP } from '../../domain/step-name.ts';
import { nextPosition } from '../journal/next-message.ts';
import { lackOf } from '../journal/standing.ts';
import { type KeepDeps, keepOutput } from './keep-output.ts';
import type { Pauses } from './pauses.ts';
import { type RunDeps, runStep } from './run-step.ts';
import type { Visit } from './visit.ts';

export interface FollowOnDeps extends RunDeps, KeepDeps {
  clock: Clock;
  /** Steps whose messages wait because a person said so; none where absent. */
  pauses?: Pick<Pauses, 'delayOf'>;
}

/**
 * Outcomes of the steps behind this one that have nothing to do: they lack what they need, or what they are given leaves
 * them idle. Recorded in the same write, they need no message, no delivery and no write of their own. Whatever is in
 * doubt is left to its message, where it counts as an attempt, waits, fails, or is paused.
 *
 * @param job as it is with this step's outcome
 */
export async function followOn(
  visit: Visit,
  job: Job,
  deps: FollowOnDeps,
): Promise<Record<string, StepRecord>> {
  const { message } = visit;
  const found: Record<string, StepRecord> = {};
  // Over a message that has killed a process one step is looked at alone, so that it is the one that is blamed.
  if (message.deaths > 0) return found;
  let current = job;
  for (let from = job.pipeline.indexOf(visit.step.name) + 1; ; ) {
    const position = nextPosition(current, message, from);
    const name = current.pipeline[position] ?? OUTPUT_STEP;
    if (name === OUTPUT_STEP) return found;
    const record = await outcomeOf(name, current, visit, deps);
    if (record === undefined) return found;
    found[name] = record;
    current = { ...current, steps: { ...current.steps, [name]: record } };
    from = position + 1;
  }
}

async function outcomeOf(
  name: string,
  job: Job,
  { message, delivery }: Visit,
  deps: FollowOnDeps,
): Promise<StepRecord | undefined> {
  const { registry, clock, pauses } = deps;
  const step = registry.get(name);
  if (!step) return undefined;
  const about = { run: message.run, seq: message.seq };
  const at = () => new Date(clock()).toISOString();
  try {
    if ((await pauses?.delayOf(name)) !== undefined) return undefined;
    const lack = lackOf(job, step.needs, message);
    if (lack) return { ...lack, ...about, at: at(), attempts: 0 };
    // What an earlier run has left may have to be taken back.
    if (!step.isIdle || message.run > 0 || job.steps[name] !== undefined) return undefined;
    const given = Object.fromEntries(step.needs.map((need) => [need, job.steps[need]?.output]));
    if (Object.values(given).some(isLinkedContent) || !step.isIdle(given)) return undefined;
    const started = clock();
    const output = await runStep({ step, message, delivery }, job, deps);
    const ms = clock() - started;
    const kept = await keepOutput(step, message, job, output, deps);
    return { state: 'done', ...about, at: at(), attempts: 1, ms, output: kept };
  } catch {
    // Its own delivery meets the same, and what follows from it.
    return undefined;
  }
}
