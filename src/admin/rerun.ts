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
  /** Whether steps that make biometric data may be added to a pipeline that has none of them. */
  biometric?: boolean | undefined;
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
  /** Those of them that its own pipeline does not have: the step that was named, and what that needs. */
  added: string[];
  /** Those added that make biometric data: only where somebody has said yes. */
  biometric: string[];
  queue: string;
  /** The message that opens the run, as it is sent. */
  text: string;
}

/** No error codes: nothing failed. */
type SkipReason = 'UnderWay' | 'Gone' | 'BadPipeline' | 'BiometricNotConfirmed';

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
    const own = await ownPipeline(job, deps.storage);
    const wanted = wantedSteps(job, own, request);
    if (wanted.length === 0) continue;
    yield await planOne(job, own, wanted, request, deps);
  }
}

/**
 * Finds what a rerun does, and does it image by image. Who asked for what is written down once, before anything is sent,
 * and not at all where nothing is.
 *
 * @param who as the audit names people
 * @throws {DefinitionError} where there is no such step
 */
export async function* rerun(
  request: RerunRequest,
  who: string,
  deps: RerunDeps & Audited,
): AsyncGenerator<RerunPlan | RerunSkipped> {
  const { step, which, batch, image, biometric } = request;
  let isWritten = false;
  for await (const one of planRerun(request, deps)) {
    const refused = 'skipped' in one || biometric === true ? undefined : unconfirmed(one);
    if (refused || 'skipped' in one) {
      yield refused ?? one;
      continue;
    }
    // Nothing is written down of what is not done.
    if (!isWritten) {
      await deps.audit.record({
        who,
        action: 'image.rerun',
        about: [
          ...(image === undefined ? [] : [subject.image(image)]),
          ...(batch === undefined ? [] : [subject.batch(batch)]),
        ],
        detail: { step: step ?? null, which, ...(biometric && { biometric }) },
      });
      isWritten = true;
    }
    await sendRerun(one, deps);
    yield one;
  }
}

function refuseUnknownStep(step: string | undefined, registry: Registry): void {
  if (step === undefined || registry.get(step)) return;
  throw new DefinitionError(`There is no step "${step}": it is one of ${registry.names.join(', ')}.`);
}

/** Why a plan is not carried out by whoever said nothing of biometric data, or undefined where it adds none. */
export function unconfirmed({ job, batch, imageUrl, biometric }: RerunPlan): RerunSkipped | undefined {
  if (biometric.length === 0) return undefined;
  const message = `This adds ${biometric.join(' and ')} to what was asked for this image: biometric data of the people in it, to which somebody has to say yes.`;
  return { job, batch, imageUrl, skipped: { code: 'BiometricNotConfirmed', message } };
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

function wantedSteps(job: Job, own: readonly string[], { step, which }: RerunRequest): string[] {
  const names = step === undefined ? [...own] : [step];
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
  own: readonly string[],
  wanted: readonly string[],
  { image, busy }: RerunRequest,
  { claimCheck, registry }: RerunDeps,
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
  let pipeline = [...own];
  for (const name of wanted) pipeline = pipelineWith({ ...job, pipeline }, name, registry);
  const given = Object.keys(job.steps).filter((name) => job.steps[name]?.state === 'done');
  const faults = registry.faults(pipeline, new Set(given));
  if (faults.length > 0) return skip('BadPipeline', `Its pipeline cannot run: ${faults.join(' Also, ')}`);
  const steps = job.end
    ? pipeline.filter((name) => name !== OUTPUT_STEP)
    : stepsToRun(job, pipeline, wanted, registry);
  const { queue, message } = newRun(job, pipeline, steps);
  const added = steps.filter((name) => !own.includes(name));
  return {
    ...about,
    run: message.run,
    steps,
    added,
    biometric: added.filter((name) => registry.get(name)?.biometric),
    queue,
    text: await claimCheck.encode(jobKey(job.id), message),
  };
}

/**
 * The pipeline that an image was submitted with. A rejected one was perhaps never read to the metadata that ask for it,
 * or they asked for a step that was not there then: what its row has is the default, and nobody asked for that.
 */
async function ownPipeline(job: Job, storage: StorageAccount): Promise<string[]> {
  if (job.end?.kind !== 'rejected' || job.source.container !== containers.input) return job.pipeline;
  const blob = await storage.blobs.head(containers.input, job.source.name);
  const asked = blob?.etag === job.source.etag ? blob.metadata[PIPELINE_METADATA] : undefined;
  return asked === undefined ? job.pipeline : withOutput(asked.split(',').map((name) => name.trim()));
}
