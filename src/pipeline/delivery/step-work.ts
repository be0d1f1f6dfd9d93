import { type Job, outcomeFor, reported, type StepRecord } from '../../domain/job.ts';
import type { ServiceBreaker } from '../../domain/service-breaker.ts';
import { OUTPUT_STEP } from '../../domain/step-name.ts';
import { lackOf } from '../journal/standing.ts';
import { type FollowOnDeps, followOn } from './follow-on.ts';
import { keepOutput } from './keep-output.ts';
import { asOutage } from './outage.ts';
import type { Outcomes } from './outcomes.ts';
import { runStep } from './run-step.ts';
import { jobOf, type Visit } from './visit.ts';

interface StepWorkDeps extends FollowOnDeps {
  /** Tells trouble of a service from trouble with an image; none where absent. */
  breaker?: Pick<ServiceBreaker, 'judge'>;
}

/** What a visit is for: the step is run, unless its outcome is known, and what came of it handed to `Outcomes`. */
export class StepWork {
  readonly #deps: StepWorkDeps;
  readonly #outcomes: Outcomes;

  constructor(deps: StepWorkDeps, outcomes: Outcomes) {
    this.#deps = deps;
    this.#outcomes = outcomes;
  }

  /** Runs the step where it has no outcome yet. @param attempt which one this is, 1 or more */
  async run(visit: Visit, attempt: number): Promise<void> {
    const { step, message, delivery } = visit;
    const { clock } = this.#deps;
    const job = jobOf(visit);
    const recorded = outcomeFor(job, step.name, message.run, message.rerun_steps);
    if (recorded || (job.end && step.name !== OUTPUT_STEP)) {
      return this.#outcomes.sendNext(job, message, job.pipeline.indexOf(step.name) + 1);
    }
    const about = { run: message.run, seq: message.seq };
    const at = () => new Date(clock()).toISOString();
    const lack = lackOf(job, step.needs, message);
    if (lack) {
      await this.#settle(visit, { ...lack, ...about, at: at(), attempts: 0 });
      return;
    }
    const started = clock();
    try {
      const output = await runStep(visit, job, this.#deps);
      const ms = clock() - started;
      const done = { state: 'done', ...about, at: at(), attempts: attempt, ms } as const;
      await this.#done(visit, { ...done, output: await this.#kept(visit, output) });
      delivery.log.info('step.done', { job: job.id, step: step.name, attempts: attempt, ms });
    } catch (error) {
      const met = asOutage(error, delivery.signal);
      await this.#outcomes.failed(visit, this.#deps.breaker?.judge(met, job.id) ?? met, attempt);
    }
  }

  async #done(visit: Visit, record: StepRecord): Promise<void> {
    const settled = await this.#settle(visit, record);
    if (visit.step.name === OUTPUT_STEP && settled && settled.steps[OUTPUT_STEP]?.output !== record.output) {
      // Another delivery has written a newer row meanwhile, which this one may have overwritten.
      await runStep(visit, settled, this.#deps);
    }
  }

  async #settle(visit: Visit, record: StepRecord): Promise<Job | undefined> {
    const job = jobOf(visit);
    const after = { ...job, steps: { ...job.steps, [visit.step.name]: record } };
    return this.#outcomes.settle(visit, record, await followOn(visit, after, this.#deps));
  }

  /** What the journal keeps of an output: of the last step, which outcomes its row says. */
  async #kept({ step, message, entry: { job } }: Visit, output: unknown): Promise<unknown> {
    if (step.name === OUTPUT_STEP) return reported(job);
    return keepOutput(step, message, job, output, this.#deps);
  }
}
