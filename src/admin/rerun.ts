import { subject } from '../audit/subject.ts';
import { isFinished, type Job } from '../domain/job.ts';
import { jobKey } from '../domain/job-id.ts';
import { OUTPUT_STEP, withOutput } from '../domain/step-name.ts';
import { PIPELINE_METADATA } from '../pipeline/admission/examine.ts';
import { DefinitionError, type Registry } from '../pipeline/definition/registry.ts';
import type { Journal } from '../pipeline/journal/journal.ts';
import type { ClaimCheck } from '../pipeline/message/claim-check.ts';
import type { StorageAccount } from '../storage/account.ts';
import { containers } from '../storage/names.ts';
import type { Audited } from './audited.ts';
import { newRun, pipelineWith, stepsToRun } from './new-run.ts';

/**
 * Which finished images: `missing`, those in which the step is not recorded as done (it never ran, was skipped or was
 * unavailable; one that ran and found nothing is done); `failed`, those in which it failed; `all`, whatever it did.
 */
export type RerunWhich = 'missing' | 'failed' | 'all';

export interface RerunRequest {
  /** Absent: `all` does every step again, the others each step that calls for it. */
  step?: string | undefined;
  which: RerunWhich;
  batch?: string | undefined;
  /** Job id of one image; done again even if it is still under way, for it may be stuck. */
  image?: string | undefined;
  /** An image that is named is done again even while it is under way, unless it is to be left. */
  busy?: 'leave' | undefined;
}

/** What is done about one image. */
export interface RerunPlan {
  job: string;
  batch: string;
  imageUrl: string;
  /** The run that is opened. */
  run: number;
  /** What is done again, in order, the output step left out; everything where a rejected image is looked at again. */
  steps: string[];
  queue: string;
  /** The message that opens the run, as it is sent. */
  text: string;
}

/** No error codes: nothing failed. */
export type SkipReason = 'UnderWay' | 'Gone' | 'BadPipeline';

/** Why an image that fits is left alone. */
export interface RerunSkipped {
  job: string;
  batch: string;
  imageUrl: string;
  skipped: { code: SkipReason; message: string };
}

export interface RerunDeps {
  storage: StorageAccount;
  journal: Journal;
  claimCheck: ClaimCheck;
  registry: Registry;
}

/**
 * Finds what a rerun would do; sends nothing. Repeating a rerun while the first is under way is safe: an image whose
 * new run has begun is under way and left alone, and one whose has not is sent the same run again.
 *
 * @throws {DefinitionError} where there is no such step
 */
export async function* planRerun(
  request: RerunRequest,
  deps: RerunDeps,
): AsyncGenerator<RerunPlan | RerunSkipped> {
  refuseUnknownStep(request.step, deps.registry);
  for await (const job of jobsOf(request, deps.journal)) {
    const wanted = wantedSteps(job, request);
    if (wanted.length === 0) continue;
    yield await planOne(job, wanted, request, deps);
  }
}

/**
 * Finds what a rerun does, and does it image by image. Who asked for what is written down once, before anything is sent.
 *
 * @param who as the audit names people
 * @throws {DefinitionError} where there is no such step
 */
export async function* rerun(
  request: RerunRequest,
  who: string,
  deps: RerunDeps & Audited,
): AsyncGenerator<RerunPlan | RerunSkipped> {
  const { step, which, batch, image } = request;
  refuseUnknownStep(step, deps.registry);
  if (image !== undefined && (await deps.journal.batchOf(image)) === undefined) return;
  await deps.audit.record({
    who,
    action: 'image.rerun',
    about: [
      ...(image === undefined ? [] : [subject.image(image)]),
      ...(batch === undefined ? [] : [subject.batch(batch)]),
    ],
    detail: { step: step ?? null, which },
  });
  for await (const one of planRerun(request, deps)) {
    if (!('skipped' in one)) await sendRerun(one, deps);
    yield one;
  }
}

function refuseUnknownStep(step: string | undefined, registry: Registry): void {
  if (step === undefined || registry.get(step)) return;
  throw new DefinitionError(`There is no step "${step}": it is one of ${registry.names.join(', ')}.`);
}

/** Sends what was planned. */
export async function sendRerun({ queue, text }: RerunPlan, { storage }: Pick<RerunDeps, 'storage'>) {
  await storage.queues.send(queue, text);
}

async function* jobsOf({ image, batch }: RerunRequest, journal: Journal): AsyncGenerator<Job> {
  if (image === undefined) {
    yield* journal.jobs(batch);
    return;
  }
  const home = await journal.batchOf(image);
  if (home === undefined || (batch !== undefined && batch !== home)) return;
  const entry = await journal.read(home, image);
  if (entry) yield entry.job;
}

function wantedSteps(job: Job, { step, which }: RerunRequest): string[] {
  const names = step === undefined ? job.pipeline : [step];
  // A rejected image has no outcome of any step: that one failed cannot be said of it.
  if (job.end) return which === 'failed' ? [] : names;
  return names.filter((name) => {
    const state = job.steps[name]?.state;
    if (which === 'all') return true;
    // The row of an image is written whenever anything is run again.
    if (name === OUTPUT_STEP && step === undefined) return false;
    return which === 'failed' ? state === 'failed' : state !== 'done' && state !== 'failed';
  });
}

async function planOne(
  job: Job,
  wanted: readonly string[],
  { image, busy }: RerunRequest,
  { storage, claimCheck, registry }: RerunDeps,
): Promise<RerunPlan | RerunSkipped> {
  const about = { job: job.id, batch: job.batchId, imageUrl: job.imageUrl };
  const skip = (code: SkipReason, message: string): RerunSkipped => ({
    ...about,
    skipped: { code, message },
  });
  if (job.end && job.end.kind !== 'rejected') return skip('Gone', job.end.reason.message);
  if (!isFinished(job) && (image === undefined || busy === 'leave')) {
    return skip('UnderWay', 'It is still under way: try again once it has finished, or name it by --image.');
  }
  let pipeline = job.end ? await askedPipeline(job, storage, registry) : job.pipeline;
  for (const name of wanted) pipeline = pipelineWith({ ...job, pipeline }, name, registry);
  const given = Object.keys(job.steps).filter((name) => job.steps[name]?.state === 'done');
  const faults = registry.faults(pipeline, new Set(given));
  if (faults.length > 0) return skip('BadPipeline', `Its pipeline cannot run: ${faults.join(' Also, ')}`);
  const steps = job.end
    ? pipeline.filter((name) => name !== OUTPUT_STEP)
    : stepsToRun(job, pipeline, wanted, registry);
  const { queue, message } = newRun(job, pipeline, steps);
  return { ...about, run: message.run, steps, queue, text: await claimCheck.encode(jobKey(job.id), message) };
}

/** Of an image that was never read to its metadata (too large, say) they may ask for another pipeline. */
async function askedPipeline(job: Job, storage: StorageAccount, registry: Registry): Promise<string[]> {
  if (job.source.container !== containers.input) return job.pipeline;
  const asked = (await storage.blobs.head(containers.input, job.source.name))?.metadata[PIPELINE_METADATA];
  if (asked === undefined) return job.pipeline;
  const names = asked.split(',').map((name) => name.trim());
  const pipeline = withOutput(names);
  return registry.faults(pipeline).length === 0 ? pipeline : job.pipeline;
}
