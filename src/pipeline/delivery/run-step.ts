import { ContractError } from '../../domain/errors.ts';
import { type Job, outcomeFor } from '../../domain/job.ts';
import type { Settings } from '../../domain/settings.ts';
import type { JobRecord, StepJob } from '../../domain/step.ts';
import { OUTPUT_STEP } from '../../domain/step-name.ts';
import { decodeBudget } from '../../imaging/decode-budget.ts';
import type { StorageAccount } from '../../storage/account.ts';
import type { Registry } from '../definition/registry.ts';
import { retractAll } from '../journal/retract.ts';
import { broughtAlong, standingOf } from '../journal/standing.ts';
import { type ClaimCheck, contentMissing } from '../message/claim-check.ts';
import type { Message } from '../message/message.ts';
import { openImage } from './image.ts';
import type { Visit } from './visit.ts';

/** Longest time one attempt of a step may take: well within the host's `functionTimeout` of ten minutes. */
const STEP_TIMEOUT_MS = 4 * 60_000;

export interface RunDeps {
  storage: StorageAccount;
  claimCheck: ClaimCheck;
  registry: Registry;
  settings: Settings;
}

/**
 * Runs a step once over a job: gathers what it is given, holds it to its time, and checks the shape of what it
 * returns.
 *
 * @returns the checked output
 */
export async function runStep(
  { step, message, delivery }: Pick<Visit, 'step' | 'message' | 'delivery'>,
  job: Job,
  deps: RunDeps,
): Promise<unknown> {
  const { storage, claimCheck, settings } = deps;
  const limit = AbortSignal.timeout(STEP_TIMEOUT_MS);
  const signal = AbortSignal.any([delivery.signal, limit]);
  const about = await stepJob(job, message, claimCheck);
  const needed: Record<string, unknown> = {};
  for (const need of step.needs) {
    const outcome = outcomeFor(job, need, message.run, message.rerun_steps) ?? broughtAlong(job, need);
    needed[need] = await claimCheck.resolve(outcome?.output).catch((error: unknown) => {
      const lost = isLost(error) ? deps.registry.get(need) : undefined;
      if (!lost) throw error;
      // Made again from the image, as it was at first: every step may run twice.
      delivery.log.info('output.made-again', { job: job.id, step: need });
      return runStep({ step: lost, message, delivery }, job, deps);
    });
  }
  if (step.name === OUTPUT_STEP && (job.end?.kind === 'superseded' || job.end?.kind === 'gone')) {
    // The image is no longer what it was: what its steps left elsewhere goes, before the row says so.
    const outputOf = async (name: string) =>
      claimCheck.resolveOr(job.steps[name]?.output ?? job.steps[name]?.kept, undefined);
    await retractAll(about, outputOf, deps, { log: delivery.log, signal });
  }
  const earlier = job.steps[step.name];
  const last = earlier?.state === 'done' && earlier.run < message.run ? earlier.output : earlier?.kept;
  const previous = step.name === OUTPUT_STEP ? undefined : await claimCheck.resolveOr(last, undefined);
  const running = decodeBudget.piece(() =>
    step.run({
      job: about,
      image: openImage(job, storage.blobs, signal),
      output: needed,
      previous,
      record: jobRecord(job, message, claimCheck),
      settings,
      log: delivery.log,
      signal,
    }),
  );
  return step.schema.parse(await orAborted(running, signal));
}

const isLost = (error: unknown): boolean =>
  error instanceof ContractError && error.code === contentMissing.code;

/** A step that ignores its signal must not hold the invocation for ever. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function stepJob(job: Job, message: Message, claimCheck: ClaimCheck): Promise<StepJob> {
  return {
    id: job.id,
    batchId: job.batchId,
    run: message.run,
    pipeline: job.pipeline,
    ...(job.consent && { consent: job.consent }),
    parameters: await claimCheck.resolveOr(job.parameters, { unavailable: contentMissing }),
  };
}

function jobRecord(job: Job, message: Message, claimCheck: ClaimCheck): JobRecord {
  const others = job.pipeline.filter((name) => name !== OUTPUT_STEP);
  return {
    imageUrl: job.imageUrl,
    admittedAt: job.admittedAt,
    image: job.image,
    end: job.end,
    steps: Object.fromEntries(others.map((name) => [name, standingOf(job, name, message)])),
    outputs: async () => {
      const outputs: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(messageOutputs(job, message))) {
        // The row must appear, even where a part of it was deleted: by a lifecycle rule, say.
        outputs[name] = await claimCheck.resolveOr(value, { unavailable: contentMissing });
      }
      return outputs;
    },
  };
}

function messageOutputs(job: Job, message: Message): Record<string, unknown> {
  const outputs: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(message.job_output)) {
    if (!job.pipeline.includes(name)) outputs[name] = value;
  }
  for (const name of job.pipeline) {
    if (name === OUTPUT_STEP) continue;
    const outcome = outcomeFor(job, name, message.run, message.rerun_steps);
    if (outcome?.output !== undefined) outputs[name] = outcome.output;
  }
  return outputs;
}
