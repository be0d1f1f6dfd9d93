import { aboutDeadLetter } from '../audit/subject.ts';
import { foreignCode } from '../domain/error-codes.ts';
import { ContractError } from '../domain/errors.ts';
import type { Job } from '../domain/job.ts';
import { batchOf, jobIdOf, jobKey } from '../domain/job-id.ts';
import type { Settings } from '../domain/settings.ts';
import { OUTPUT_STEP, withOutput } from '../domain/step-name.ts';
import type { Registry } from '../pipeline/definition/registry.ts';
import { requireRunnable } from '../pipeline/definition/require-runnable.ts';
import { pipelineOf } from '../pipeline/delivery/gate.ts';
import {
  type DeadLetter,
  type DeadLetterEntry,
  type DeadLetters,
  REPLAYED,
  type Replayed,
} from '../pipeline/journal/dead-letters.ts';
import type { Journal } from '../pipeline/journal/journal.ts';
import type { ClaimCheck } from '../pipeline/message/claim-check.ts';
import { decodeQueueMessage, toSafeJson } from '../pipeline/message/codec.ts';
import { parseEvents } from '../pipeline/message/event.ts';
import { type Message, parseMessage } from '../pipeline/message/message.ts';
import type { StorageAccount } from '../storage/account.ts';
import { EVENTS_QUEUE } from '../storage/names.ts';
import type { Audited } from './audited.ts';
import { newRun, stepsToRun } from './new-run.ts';

export interface ReplayDeps {
  storage: StorageAccount;
  journal: Journal;
  claimCheck: ClaimCheck;
  deadLetters: DeadLetters;
  registry: Registry;
  settings: Settings;
}

/** What replaying a dead letter sends. */
interface ReplayPlan {
  sends: { queue: string; text: string }[];
}

/** Why a dead letter is not replayed as it is: it could only die again. */
interface ReplayRefused {
  refused: { code: string; message: string };
}

/**
 * Finds what replaying a dead letter would send; sends nothing. A job that has a row goes on in a new run, row's run
 * + 1, which is safe whether the job is under way or finished; a message without one is sent as it is. It goes to
 * the queue of the step where it says it stands. What the pipeline would refuse at once is refused here.
 *
 * @param edited the message to send in place of the letter's own
 */
export async function planReplay(
  letter: DeadLetter,
  deps: ReplayDeps,
  edited?: unknown,
): Promise<ReplayPlan | ReplayRefused> {
  try {
    const value = decodeQueueMessage(edited ?? letter.message);
    const sends =
      letter.queue === EVENTS_QUEUE
        ? await eventSends(value, letter, deps)
        : [await messageSend(parseMessage(value), letter, deps)];
    return { sends };
  } catch (error) {
    if (!(error instanceof ContractError)) throw error;
    return { refused: { code: error.code, message: error.message } };
  }
}

/**
 * Replays a dead letter, where it can be; who did it is written down first.
 *
 * @param edited the message to send in place of the letter's own
 */
export async function replay(
  entry: DeadLetterEntry,
  who: string,
  deps: ReplayDeps & Audited,
  edited?: unknown,
): Promise<ReplayPlan | ReplayRefused> {
  const plan = await planReplay(entry.letter, deps, edited);
  if ('refused' in plan) return plan;
  await deps.audit.record({
    who,
    action: 'deadletter.replayed',
    about: aboutDeadLetter(entry.letter),
    detail: { edited: edited !== undefined },
  });
  await sendReplay(entry, plan, deps);
  return plan;
}

/** Adds what was planned, then deletes the letter: a crash in between leaves both, and no message is lost. */
export async function sendReplay(
  entry: DeadLetterEntry,
  { sends }: ReplayPlan,
  { storage, deadLetters }: Pick<ReplayDeps, 'storage' | 'deadLetters'>,
): Promise<void> {
  for (const { queue, text } of sends) await storage.queues.send(queue, text);
  await deadLetters.remove(entry);
}

async function messageSend(message: Message, letter: DeadLetter, deps: ReplayDeps) {
  const { journal, registry, claimCheck } = deps;
  const { id, batch_id: batchId } = message.job_definition;
  const fresh: Message = { ...message, away_since: undefined, deaths: 0, seq: 0 };
  const job = (await journal.read(batchId, id))?.job;
  const { queue, message: sent } = job
    ? continued(job, fresh, registry)
    : { queue: queueOf(fresh, letter, deps), message: fresh };
  // What the door would refuse, it refuses now.
  pipelineOf(sent, queue, job, deps);
  checkPipeline(sent, job, registry);
  const carried = { ...sent, [REPLAYED]: history(letter, queue) };
  return { queue, text: await claimCheck.encode(jobKey(id), carried) };
}

function continued(job: Job, message: Message, registry: Registry) {
  if (job.end && job.end.kind !== 'rejected') {
    throw new ContractError(`The job has ended: ${job.end.reason.message} Drop the dead letter.`, {
      code: foreignCode(job.end.reason.code),
    });
  }
  const asked = message.job_definition.processing_pipeline;
  const pipeline = asked ? withOutput(asked) : job.pipeline;
  const here = pipeline[message.job_definition.processing_step];
  if (here === undefined) {
    throw new ContractError(
      `processing_step is ${message.job_definition.processing_step}, but the pipeline has ${pipeline.length} steps: count from 0.`,
      { code: 'WrongQueue' },
    );
  }
  const steps = stepsToRun(job, pipeline, message.rerun_steps ?? [here], registry);
  return newRun(job, pipeline, steps, message);
}

/** Where a message says it belongs; where it died, if that is no step of ours. */
function queueOf(message: Message, letter: DeadLetter, { registry, settings }: ReplayDeps): string {
  const { processing_pipeline: asked, processing_step: position } = message.job_definition;
  const pipeline = asked ?? registry.definition(settings.PIPELINE_DEFINITION);
  const name = pipeline[position] ?? (position === pipeline.length ? OUTPUT_STEP : undefined);
  return name !== undefined && registry.get(name) ? name : letter.queue;
}

/** @throws {ContractError} where the pipeline cannot run: `admission.ts` would find that out */
function checkPipeline(message: Message, job: Job | undefined, registry: Registry): void {
  const asked = message.job_definition.processing_pipeline;
  if (!asked) return;
  const given = new Set([...Object.keys(message.job_output), ...Object.keys(job?.steps ?? {})]);
  requireRunnable(withOutput(asked), registry, given);
}

/** Each event of the message by itself: an image that has a row goes on in a new run, for an event would find it there. */
async function eventSends(
  value: unknown,
  letter: DeadLetter,
  deps: ReplayDeps,
): Promise<ReplayPlan['sends']> {
  const sends: ReplayPlan['sends'] = [];
  for (const event of Array.isArray(value) ? value : [value]) {
    const [blob] = parseEvents(event);
    if (!blob) continue;
    const id = blob.etag === undefined ? undefined : jobIdOf(blob.container, blob.name, blob.etag);
    const job = id === undefined ? undefined : (await deps.journal.read(batchOf(blob.name), id))?.job;
    if (job?.end?.kind === 'gone' || job?.end?.kind === 'superseded') continue;
    if (job) {
      const steps = stepsToRun(job, job.pipeline, [], deps.registry);
      const { queue, message } = newRun(job, job.pipeline, steps);
      sends.push({ queue, text: await deps.claimCheck.encode(jobKey(job.id), message) });
      continue;
    }
    const carried = { ...event, deaths: 0, [REPLAYED]: history(letter, EVENTS_QUEUE) };
    sends.push({ queue: EVENTS_QUEUE, text: toSafeJson(carried) });
  }
  return sends;
}

const history = ({ id, times, firstSeen }: DeadLetter, queue: string): Replayed => ({
  queue,
  id,
  times,
  first_seen: firstSeen,
});
