import { explain } from '../domain/error-codes.ts';
import type { RecordedError } from '../domain/errors.ts';
import { isFinished, type Job, nextStep, type StepRecord } from '../domain/job.ts';
import { STEPS_OF } from '../domain/looked-for.ts';
import type { Clock } from '../domain/ports.ts';
import type { Warning } from '../domain/warning.ts';
import type { Pause, Pauses } from '../pipeline/delivery/pauses.ts';
import type { DeadLetter, DeadLetters } from '../pipeline/journal/dead-letters.ts';
import type { Journal } from '../pipeline/journal/journal.ts';
import { decodeQueueMessage } from '../pipeline/message/codec.ts';
import type { StorageAccount } from '../storage/account.ts';
import { EVENTS_QUEUE } from '../storage/names.ts';
import { type FoundImage, findImage } from './find-image.ts';
import { lostDerived } from './lost-derived.ts';
import { selectLetters } from './select-letters.ts';

/** Where an image is, and why it is not further. Times are ISO 8601, UTC. */
export interface Why {
  asked: string;
  /**
   * `finished`: its row is written; `retrying`: put back after an error; `queued`: its message waits or is worked on;
   * `lost`: under way, but no queue holds a message; `waiting`: in the container, not yet admitted; `unknown`: nothing.
   */
  state: 'finished' | 'retrying' | 'queued' | 'lost' | 'waiting' | 'unknown';
  job?: {
    id: string;
    batch: string;
    image: string;
    run: number;
    admittedAt: string;
    pipeline: string[];
    /** How it ended early: rejected, superseded or gone. */
    end?: { kind: string; reason: RecordedError };
  };
  /** The step that is next; absent where the image is finished. */
  step?: string;
  /** The attempt that comes next, 1 or more. */
  attempt?: number;
  /** When the message is visible next. */
  nextAt?: string;
  /** The last error, or the one it failed of, with what would fix it. */
  error?: RecordedError & { step?: string; at?: string; advice: string };
  history: ({ step: string } & Omit<StepRecord, 'output'>)[];
  /** Who has paused that step, so that its messages wait. */
  paused?: Pause;
  /** The queue it stands in. */
  queue?: QueueState;
  deadLetters: Omit<DeadLetter, 'message'>[];
  /** What was done in part only: the warnings of the row. */
  warnings: readonly Warning[];
  /** Steps by which tags, text, faces or matches would have been looked for, and that its pipeline does not have. */
  notAsked: string[];
  /** Names in the container that are near, where nothing was found. */
  similar: string[];
  /** What to do, in sentences. */
  advice: string[];
}

interface QueueState {
  name: string;
  /** Approximate, delayed ones included. */
  messages: number;
  /** Seconds for which the oldest visible message has stood there; absent where all are delayed or being worked on. */
  oldestVisibleSeconds?: number;
  /** Messages that the host gave up and no function has taken yet. */
  poison: number;
  /** Whether this image's message is among the first visible ones. */
  hasMessage: boolean;
}

/** Messages that stand visible for longer are not being fetched. */
const STALLED_SECONDS = 60;

interface WhyDeps {
  storage: StorageAccount;
  journal: Journal;
  deadLetters: DeadLetters;
  pauses: Pick<Pauses, 'list'>;
  clock: Clock;
}

/** Answers why an image is where it is. @param asked as `findImage` takes it */
export async function explainImage(asked: string, deps: WhyDeps): Promise<Why> {
  // Without the rows: where an image is, one asks above all while the database is away.
  const found = await findImage(asked, { storage: deps.storage, journal: deps.journal });
  if (found.kind !== 'image') return ofNothing(asked, found, deps);
  const { id, name, since } = found;
  const batch = await deps.journal.batchOf(id);
  const job = batch === undefined ? undefined : (await deps.journal.read(batch, id))?.job;
  // A job whose first message is not sent is admitted again from its blob.
  if (job && (job.sent || since === undefined)) return ofJob(asked, job, deps);
  const deadLetters = await lettersOf(id, deps);
  if (since) return ofBlob(asked, { name, since }, deadLetters, deps);
  return ofNothing(asked, { kind: 'nothing', near: [], partly: false }, deps);
}

async function ofNothing(
  asked: string,
  found: Exclude<FoundImage, { kind: 'image' }>,
  deps: WhyDeps,
): Promise<Why> {
  const deadLetters = await lettersOf(asked, deps);
  const [letter] = deadLetters;
  const several = found.kind === 'several';
  return {
    asked,
    state: 'unknown',
    history: [],
    warnings: [],
    notAsked: [],
    deadLetters,
    similar: several ? found.names : found.near,
    ...(letter && { error: { ...letter.error, advice: explain(letter.error.code).advice } }),
    advice: letter
      ? [letterAdvice(letter)]
      : several
        ? ['Several images have this file name: say which, with its folder.']
        : ['There is no image of that name or id here: "imaginem status" lists the batches.'],
  };
}

async function ofBlob(
  asked: string,
  { name, since }: { name: string; since: Date },
  deadLetters: Why['deadLetters'],
  deps: WhyDeps,
): Promise<Why> {
  const queue = await queueState(EVENTS_QUEUE, JSON.stringify(`blobs/${name}`).slice(1, -1), deps);
  const minutes = Math.round((deps.clock() - since.getTime()) / 60_000);
  const waited = `The image "${name}" is in the container (for ${minutes} min) but has no job yet.`;
  return {
    asked,
    state: 'waiting',
    history: [],
    warnings: [],
    notAsked: [],
    queue,
    deadLetters,
    similar: [],
    advice: [
      stalled(queue) ??
        (queue.messages > 0
          ? `${waited} ${queue.messages} events wait in front of it or with it.`
          : `${waited} Its event got lost: the timer "reconcile" makes a new one within 15 minutes, if the Functions app runs.`),
      ...deadLetters.slice(0, 1).map(letterAdvice),
    ],
  };
}

async function ofJob(asked: string, job: Job, deps: WhyDeps): Promise<Why> {
  const deadLetters = await lettersOf(job.id, deps);
  const finished = isFinished(job);
  const step = finished ? undefined : nextStep(job);
  const record = step === undefined ? undefined : job.steps[step];
  const waiting = record?.state === 'waiting' && record.run === job.run ? record : undefined;
  const queue = step === undefined ? undefined : await queueState(step, job.id, deps);
  const paused = (await deps.pauses.list()).find((pause) => pause.step === step);
  const due = waiting?.nextAt !== undefined && Date.parse(waiting.nextAt) <= deps.clock();
  const state = finished
    ? 'finished'
    : queue?.messages === 0 && queue.poison === 0
      ? 'lost'
      : waiting && !due
        ? 'retrying'
        : 'queued';
  const error = lastError(job, step);
  const why: Omit<Why, 'advice'> = {
    asked,
    state,
    job: {
      id: job.id,
      batch: job.batchId,
      image: job.imageUrl,
      run: job.run,
      admittedAt: job.admittedAt,
      pipeline: job.pipeline,
      ...(job.end && { end: job.end }),
    },
    ...(step !== undefined && { step, attempt: (waiting?.attempts ?? 0) + 1 }),
    ...(waiting?.nextAt !== undefined && { nextAt: waiting.nextAt }),
    ...(error && { error }),
    history: job.pipeline.flatMap((name) => historyOf(name, job.steps[name])),
    warnings: job.image?.warnings ?? [],
    notAsked: notAskedOf(job),
    ...(paused && { paused }),
    ...(queue && { queue }),
    deadLetters,
    similar: [],
  };
  return { ...why, advice: adviceOn(why, job, await lostDerived(job, deps.storage)) };
}

const LOOKING: readonly string[] = [...new Set(Object.values(STEPS_OF).flat())];

const notAskedOf = ({ end, pipeline }: Job): string[] =>
  end ? [] : LOOKING.filter((step) => !pipeline.includes(step));

function historyOf(step: string, record: StepRecord | undefined): Why['history'] {
  if (!record) return [];
  const { output: _, ...rest } = record;
  return [{ step, ...rest }];
}

/** The error that holds the image up, or the first that one of its steps failed of. */
function lastError(job: Job, step: string | undefined): Why['error'] {
  const told = (error: RecordedError, at?: { step: string; at: string }) => ({
    ...error,
    ...at,
    advice: explain(error.code).advice,
  });
  const record = step === undefined ? undefined : job.steps[step];
  if (step !== undefined && record?.error) return told(record.error, { step, at: record.at });
  if (job.end?.reason.code === 'BadPipeline') {
    // It has no message that could be replayed: the pipeline is that of its submission.
    return {
      ...job.end.reason,
      advice: `Nothing is wrong with the file. Once the app that runs has the step (restart it where that was built since), run "imaginem rerun --all --image ${job.id}"; else submit the file again with another --pipeline.`,
    };
  }
  if (job.end) return told(job.end.reason);
  for (const wanted of ['failed', 'skipped', 'unavailable']) {
    for (const name of job.pipeline) {
      const one = job.steps[name];
      if (one?.state === wanted && one.error) return told(one.error, { step: name, at: one.at });
    }
  }
  return undefined;
}

function adviceOn(
  { state, step, paused, error, queue, deadLetters, nextAt }: Omit<Why, 'advice'>,
  job: Job,
  lost: readonly string[],
): string[] {
  const advice: string[] = [];
  if (paused) advice.push(pausedAdvice(paused));
  const fix = error?.advice.replaceAll('<step>', error.step ?? '<step>');
  if (state === 'lost') {
    advice.push(
      `No message for this image is in the queue "${step}". If it was not taken a moment ago, start it again: imaginem rerun --missing --image ${job.id}`,
    );
  } else if (queue && !paused && stalled(queue)) {
    advice.push(stalled(queue) as string);
  }
  if (state === 'retrying') advice.push(`It is tried again by itself at ${nextAt}.`);
  if (fix !== undefined) advice.push(fix.replaceAll('<id>', deadLetters[0]?.id.slice(0, 8) ?? job.id));
  if (deadLetters[0] && error?.code !== deadLetters[0].error.code) advice.push(letterAdvice(deadLetters[0]));
  for (const { code, message } of job.image?.warnings ?? [])
    advice.push(`${message} ${explain(code).advice}`);
  advice.push(...lost);
  if (advice.length === 0) {
    advice.push(
      state === 'finished' ? 'Nothing to do: every step is done.' : 'Nothing to do: it is under way.',
    );
  }
  return advice;
}

const pausedAdvice = ({ step, by, at, reason }: Pause): string =>
  `The step ${step} was paused by ${by} at ${at}${reason === '' ? '' : ` (${reason})`}: its messages wait. They go on with "imaginem resume ${step}", with --force if it was not you.`;

const letterAdvice = (letter: Omit<DeadLetter, 'message'>): string =>
  `Dead letter ${letter.id.slice(0, 8)} (${letter.error.code}): ${explain(letter.error.code).advice.replaceAll('<id>', letter.id.slice(0, 8))}`;

function stalled({ name, messages, oldestVisibleSeconds }: QueueState): string | undefined {
  if (oldestVisibleSeconds === undefined || oldestVisibleSeconds < STALLED_SECONDS) return undefined;
  return `The queue "${name}" holds ${messages} messages, and the oldest visible one has stood there for ${Math.round(oldestVisibleSeconds)} s: the Functions app is not running, or has more to do than it can. Locally: npm start.`;
}

/** @param sign text that this image's message holds */
async function queueState(name: string, sign: string, { storage, clock }: WhyDeps): Promise<QueueState> {
  const { messages, visible, oldestReady, poison } = await storage.queues.standing(name);
  return {
    name,
    messages,
    ...(oldestReady && { oldestVisibleSeconds: Math.max(0, (clock() - oldestReady.getTime()) / 1000) }),
    poison,
    hasMessage: visible.some(({ text }) => plain(text).includes(sign)),
  };
}

/** Event Grid and older senders encode their messages in base64. */
function plain(text: string): string {
  try {
    return JSON.stringify(decodeQueueMessage(text));
  } catch {
    return text;
  }
}

async function lettersOf(job: string, { deadLetters }: WhyDeps): Promise<Why['deadLetters']> {
  const letters: Why['deadLetters'] = [];
  for await (const { message: _, ...letter } of selectLetters(deadLetters, { job })) letters.push(letter);
  return letters;
}
