import { createHash } from 'node:crypto';
import type { Consent } from './consent.ts';
import type { RecordedError } from './errors.ts';
import type { LinkedContent } from './linked-content.ts';
import { OUTPUT_STEP } from './step-name.ts';
import type { Warning } from './warning.ts';

/** What is recorded of a step. `waiting`: put back, to be tried again at `nextAt`; the others are outcomes. */
export interface StepRecord {
  state: 'waiting' | 'done' | 'failed' | 'skipped' | 'unavailable';
  /** The run this belongs to; a record of an older run is kept until a newer one replaces it. */
  run: number;
  /** How often the message was put back before this was recorded: a message with a lower number is out of date. */
  seq: number;
  /** ISO 8601, UTC. */
  at: string;
  attempts: number;
  /** Milliseconds the successful attempt took. */
  ms?: number;
  error?: RecordedError;
  /** Whether the last error was one that trying again may cure. */
  retryable?: boolean;
  /** ISO 8601: when a waiting step is visible again. */
  nextAt?: string;
  /** ISO 8601: since when nothing but outages and throttling has been met. */
  since?: string;
  /** Of a done step: the output, or where it is kept. Of the output step: `reported` of what its row says. */
  output?: unknown | LinkedContent;
  /** What the step last put out, while a newer run of it waits or has failed: what keeps ids stable over reruns. */
  kept?: unknown | LinkedContent;
}

/** How a job ends early, and why. */
export interface JobEnd {
  kind: 'rejected' | 'superseded' | 'gone';
  reason: RecordedError;
}

/** Where the bytes of the job's image are: always in our own account. */
export interface ImageSource {
  container: string;
  name: string;
  /** Bare ETag of the admitted version. */
  etag: string;
}

/** A value of EXIF as it is stored: times are ISO 8601. */
export type ExifValue = string | number | readonly number[];

/** What admission found out about the image. */
export interface ImageFacts {
  /** Of the working image. */
  contentType: string;
  /** Pixels of the upright working image. */
  width: number;
  height: number;
  /** Of the original. */
  bytes: number;
  /** Fields of the original's EXIF that KEEP_EXIF names. */
  exif?: Readonly<Record<string, ExifValue>>;
  /** What of the original could not be used, and why. */
  warnings?: readonly Warning[];
  /** Blob name in `renditions`, where the services could not take the original. */
  rendition?: string;
}

/** A job as the journal has it: everything that decides what happens next to its image. */
export interface Job {
  id: string;
  batchId: string;
  /** As the contract has it. */
  imageUrl: string;
  source: ImageSource;
  /** Absent where the image was rejected. */
  image?: ImageFacts;
  parameters?: unknown;
  /** On what terms it may be processed: as its batch had them at admission, or since they were changed. */
  consent?: Consent;
  pipeline: string[];
  run: number;
  seq: number;
  end?: JobEnd;
  /** Whether the first message has been sent. */
  sent: boolean;
  /** ISO 8601. */
  admittedAt: string;
  /** ISO 8601: since when it is being erased. Whoever sees this writes nothing more about the job. */
  erasedAt?: string;
  steps: Record<string, StepRecord>;
}

/** Which outcomes a row of this job reports: the same text exactly where the same outcomes are recorded. */
export function reported({ steps, end }: Job): string {
  const outcomes = Object.entries(steps)
    .filter(([name, { state }]) => name !== OUTPUT_STEP && state !== 'waiting')
    .map(([name, { state, run, at }]) => [name, state, run, at].join(' '));
  const text = [...outcomes.sort(), end?.kind].join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** The outcome of `step` that counts for `run`: of that very run, or kept by a rerun that does not name the step. */
export function outcomeFor(
  job: Job,
  step: string,
  run: number,
  rerunSteps: readonly string[] | undefined,
): StepRecord | undefined {
  const record = job.steps[step];
  if (!record || record.state === 'waiting') return undefined;
  if (step === OUTPUT_STEP) {
    // Every run has a row of its own to write, and again where a step was recorded since: two reruns may be one run.
    const stands = record.output === undefined || record.output === reported(job);
    return record.run === run && stands ? record : undefined;
  }
  if (record.run === run) return record;
  return rerunSteps !== undefined && !rerunSteps.includes(step) ? record : undefined;
}

/** Whether the job's row has been written, of its latest run and with everything recorded since. */
export function isFinished(job: Job): boolean {
  return outcomeFor(job, OUTPUT_STEP, job.run, undefined)?.state === 'done';
}

/**
 * The step that an unfinished job comes to next. What an earlier run recorded stands until this run gets there: which
 * steps it repeats, its message alone says.
 */
export function nextStep(job: Job): string {
  if (job.end) return OUTPUT_STEP;
  return job.pipeline.find((step) => !outcomeFor(job, step, job.run, [])) ?? OUTPUT_STEP;
}
