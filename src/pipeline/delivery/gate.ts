import { ContractError } from '../../domain/errors.ts';
import type { Job } from '../../domain/job.ts';
import type { Settings } from '../../domain/settings.ts';
import { withOutput } from '../../domain/step-name.ts';
import type { StorageAccount } from '../../storage/account.ts';
import { containers } from '../../storage/names.ts';
import type { Registry } from '../definition/registry.ts';
import { requireRunnable } from '../definition/require-runnable.ts';
import type { Message } from '../message/message.ts';

interface GateDeps {
  registry: Registry;
  settings: Settings;
  storage: StorageAccount;
}

/**
 * Checks that a message stands where it says it does, and does not contradict its job.
 *
 * @param job absent where the message has none yet
 * @returns the pipeline the message goes through: the job's own, or the message's where it opens a newer run
 * @throws {ContractError}
 */
export function pipelineOf(message: Message, queue: string, job: Job | undefined, deps: GateDeps): string[] {
  const { processing_pipeline: asked, processing_step: position, input } = message.job_definition;
  const whole = asked && withOutput(asked);
  const pipeline =
    job && (message.run === job.run || !whole)
      ? job.pipeline
      : (whole ?? deps.registry.definition(deps.settings.PIPELINE_DEFINITION));
  if (job) {
    if (whole && message.run === job.run && whole.join() !== pipeline.join()) {
      throw new ContractError(
        'processing_pipeline differs from the one this job was admitted with. Post the message with a higher run to start the job again with another pipeline.',
        { code: 'OtherPipeline' },
      );
    }
    // A newer run may bring another pipeline; what it is has not been looked at yet.
    if (whole && message.run > job.run) {
      requireRunnable(whole, deps.registry, new Set(Object.keys(job.steps)));
    }
    if (!sameImage(job, input.image_url, deps.storage)) {
      throw new ContractError(
        'This job id belongs to another image_url: give the message an id of its own.',
        { code: 'OtherImage' },
      );
    }
  }
  const here = pipeline[position];
  if (here === queue) return pipeline;
  const unknown = whole?.find((name) => deps.registry.get(name) === undefined);
  if (unknown !== undefined) {
    throw new ContractError(
      `processing_pipeline: there is no step "${unknown}": remove it, or correct it to one of ${deps.registry.names.join(', ')}.`,
      { code: 'BadPipeline' },
    );
  }
  throw new ContractError(
    here === undefined
      ? `processing_step is ${position}, but the pipeline has ${pipeline.length} steps: count from 0.`
      : `The message is in the queue "${queue}", but processing_step ${position} of its pipeline is "${here}": post it there, or correct processing_step.`,
    { code: 'WrongQueue' },
  );
}

/**
 * Out of date: an older run, or put back again since. Counted step by step: two reruns of different steps share a run,
 * and a delay of one says nothing about the other's message.
 */
export function isStale(message: Message, step: string, job: Job): boolean {
  if (message.run < job.run) return true;
  const record = job.steps[step];
  return message.run === job.run && record?.run === message.run && message.seq < record.seq;
}

/** Our own blobs are compared by name: the account's address may be spelt in more than one way. */
function sameImage(job: Job, url: string, storage: StorageAccount): boolean {
  if (job.imageUrl === url) return true;
  return (
    job.source.container === containers.input &&
    storage.blobs.nameIn(containers.input, url) === job.source.name
  );
}
