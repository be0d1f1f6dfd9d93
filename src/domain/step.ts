import type { z } from 'zod';
import type { Consent } from './consent.ts';
import type { RecordedError } from './errors.ts';
import type { ImageFacts, JobEnd, StepRecord } from './job.ts';
import type { Pixels } from './pixels.ts';
import type { Log } from './ports.ts';
import type { Settings } from './settings.ts';
import type { KeepSuggestions } from './suggestion.ts';

/**
 * The image as a step sees it: one version, checked on every read against the ETag the job was admitted with.
 * All coordinates in the pipeline are pixels of this working image, upright, origin at its top left.
 */
export interface StepImage {
  /** The blob URL as the contract has it: names the original, whatever `bytes` reads. */
  readonly url: string;
  /** Of the working image. */
  readonly contentType: string;
  /** Pixels of the upright working image. */
  readonly width: number;
  readonly height: number;
  /**
   * The bytes the vision services can take: the original, or its rendition where they could not take the original.
   *
   * @throws {ImageChangedError} when the original is no longer the admitted version
   */
  bytes(): Promise<Buffer>;
  /** The upright decoded view; decoded once per invocation. */
  pixels(): Promise<Pixels>;
}

/** Who and what this invocation is about: ids and parameters, no outputs. */
export interface StepJob {
  readonly id: string;
  readonly batchId: string;
  /** 0 at first; one more with each replay or rerun. */
  readonly run: number;
  readonly pipeline: readonly string[];
  /** `image_parameters` of the message, as given. */
  readonly parameters: unknown;
  /** On what terms the image may be processed, as it was admitted; what was said of its batch since counts as well. */
  readonly consent?: Consent;
}

/** How the job stands, for a step that reports on it: what `pipelineoutput` turns into a row. */
export interface JobRecord {
  readonly imageUrl: string;
  readonly admittedAt: string;
  /** Absent where the image was rejected. */
  readonly image: ImageFacts | undefined;
  /** Set where the job ended early: rejected, superseded or gone. */
  readonly end: JobEnd | undefined;
  /** Every step of the pipeline but the last: its state, and why where it is not `done`. */
  readonly steps: Readonly<Record<string, StepStanding>>;
  /** All outputs by step as the message has them, linked content filled in. */
  outputs(): Promise<Record<string, unknown>>;
}

/** How one step ended, in its job and in the image's row. */
export interface StepStanding {
  state: Exclude<StepRecord['state'], 'waiting'>;
  /** Why, for every state but `done`. */
  error?: RecordedError;
  attempts: number;
  /** Milliseconds the successful attempt took. */
  ms?: number;
}

/** Outputs of the steps named in `needs`, typed where the step was declared with `defineStep`. */
export type Outputs = Readonly<Record<string, unknown>>;

export interface StepContext<Needs extends Outputs = Outputs, Output = unknown> {
  readonly job: StepJob;
  readonly image: StepImage;
  readonly output: Needs;
  /** What this very step put out in an earlier run of this job, if it ever did: to keep ids stable over a rerun. */
  readonly previous: Output | undefined;
  readonly record: JobRecord;
  readonly settings: Settings;
  readonly log: Log;
  /** Aborted when the invocation must end; pass it to every call. */
  readonly signal: AbortSignal;
}

/** What undoing a step's outside effects is told: the job, and what the step put out, if it did. */
export interface RetractContext<Output = unknown> {
  readonly job: StepJob;
  readonly output: Output | undefined;
  readonly settings: Settings;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface Step<Output = unknown, Needs extends Outputs = Outputs> {
  readonly name: string;
  /** Steps whose outputs `run` is given. They must stand earlier in the pipeline; without their output the step is skipped. */
  readonly needs: readonly (keyof Needs & string)[];
  /** Shape of the output, checked before it is recorded. */
  readonly schema: z.ZodType<Output>;
  /** What people call it, in two words or three; its name where absent. */
  readonly title?: string;
  /** What it does, in one sentence, for people. */
  readonly summary: string;
  /**
   * What the page says of its output: words by field (`blurred`, or `face.angle`), in the order in which they are shown.
   * Where absent the output is shown whole, as a tree.
   */
  readonly view?: Readonly<Record<string, string>>;
  /** The service it calls, where it calls one: what statistics are gathered by. */
  readonly service?: string;
  /** Never recorded as failed by trying too often: its message waits until the work can be done. */
  readonly patient?: boolean;
  /**
   * Its output names other images: objects in arrays, whose `id` is the other's job id. An erasure takes those of the
   * images it erases out.
   */
  readonly mentions?: boolean;
  /** It makes or compares biometric data: added to an image's pipeline only where somebody has said yes to that. */
  readonly biometric?: boolean;
  /** Its output suggests possible matches: how those that may not, or no longer, be suggested are taken out of it. */
  readonly keepSuggestions?: KeepSuggestions<unknown>;
  /**
   * Whether these outputs leave a first run nothing to do: no service to call, nothing to write. It is then run and recorded
   * along with the step before it, and is sent no message.
   */
  isIdle?(output: Needs): boolean;
  /** Does the work. How it fails decides what happens next: see `errors.ts`. Must be safe to run twice. */
  run(context: StepContext<Needs, Output>): Promise<Output>;
  /** Takes back what makes the image findable by others: its batch may no longer be matched. Safe to repeat. */
  withdraw?(context: RetractContext<Output>): Promise<void>;
  /** Removes what `run` left outside the journal (an enrolled face, say). Safe to repeat, also after a `run` that never ended. */
  retract?(context: RetractContext<Output>): Promise<void>;
}

/** Whether a value is a step, by its form: what a folder of steps is searched for. */
export function isStep(value: unknown): value is AnyStep {
  if (typeof value !== 'object' || value === null) return false;
  const { name, needs, schema, run } = value as Partial<AnyStep>;
  return (
    typeof name === 'string' &&
    Array.isArray(needs) &&
    typeof run === 'function' &&
    typeof schema === 'object'
  );
}

/** The erased form in which a registry holds steps of all outputs. */
// biome-ignore lint/suspicious/noExplicitAny: a Step is contravariant in what it needs; only `any` admits them all
export type AnyStep = Step<any, any>;

/** Declares a step; a function only so that its types are inferred and checked. */
export function defineStep<Output, Needs extends Outputs = Record<never, never>>(
  step: Step<Output, Needs>,
): Step<Output, Needs> {
  return step;
}
