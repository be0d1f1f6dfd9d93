import {
  ContractError,
  ImageChangedError,
  OutageError,
  PermanentError,
  RateLimitedError,
  type RecordedError,
  toRecordedError,
  UnavailableError,
} from '../../domain/errors.ts';
import { type Job, outcomeFor, reported, type StepRecord } from '../../domain/job.ts';
import { jobKey } from '../../domain/job-id.ts';
import type { Clock, Log, Random } from '../../domain/ports.ts';
import { backoffMs, outlasted, withJitter } from '../../domain/retry-policy.ts';
import type { ServiceBreaker } from '../../domain/service-breaker.ts';
import type { Settings } from '../../domain/settings.ts';
import type { AnyStep } from '../../domain/step.ts';
import { OUTPUT_STEP } from '../../domain/step-name.ts';
import type { StorageAccount } from '../../storage/account.ts';
import { noTelemetry, type Telemetry } from '../../telemetry/telemetry.ts';
import type { Admission } from '../admission/admission.ts';
import { HostAwayError } from '../admission/host-away.ts';
import type { Registry } from '../definition/registry.ts';
import type { DeadLetters } from '../journal/dead-letters.ts';
import type { Journal, JournalEntry } from '../journal/journal.ts';
import { messageFor, nextPosition } from '../journal/next-message.ts';
import { Recorder } from '../journal/recorder.ts';
import { lackOf } from '../journal/standing.ts';
import type { ClaimCheck } from '../message/claim-check.ts';
import { rawText } from '../message/codec.ts';
import { type Message, parseMessage } from '../message/message.ts';
import type { Delivery } from './delivery.ts';
import { Discarder } from './discard.ts';
import { currentStep, isStale } from './gate.ts';
import { Isolation, turnOf } from './isolation.ts';
import { asOutage, delayAskedFor, outageDelayMs, putBackOnOutage } from './outage.ts';
import type { Pauses } from './pauses.ts';
import { runStep } from './run-step.ts';

export interface HelperDeps {
  storage: StorageAccount;
  journal: Journal;
  claimCheck: ClaimCheck;
  deadLetters: DeadLetters;
  admission: Admission;
  registry: Registry;
  settings: Settings;
  clock: Clock;
  random: Random;
  telemetry?: Telemetry;
  /** Steps whose messages wait because a person said so; none where absent. */
  pauses?: Pauses;
  /** Tells trouble of a service from trouble with an image; none where absent. */
  breaker?: Pick<ServiceBreaker, 'judge'>;
}

/**
 * The one door through which every message of every step goes. Order of effects: outcome recorded in the journal,
 * then the next message sent, then the return that lets the host delete this one. A crash between any two leaves a
 * message that, delivered again, finds what is recorded and goes on from there.
 */
export class PipelineHelper {
  readonly #deps: HelperDeps;
  readonly #recorder: Recorder;
  /** What becomes of messages of erased jobs. */
  readonly erased: Discarder;
  readonly #isolation = new Isolation();
  readonly #telemetry: Telemetry;

  constructor(deps: HelperDeps) {
    this.#deps = deps;
    this.#recorder = new Recorder(deps.journal);
    this.erased = new Discarder(deps);
    this.#telemetry = deps.telemetry ?? noTelemetry;
  }

  /**
   * Works on one message of the queue of `stepName`. Returns when the message may be deleted; throws only where it
   * must be delivered again (storage out of reach).
   */
  async process(stepName: string, raw: unknown, delivery: Delivery): Promise<void> {
    const step = this.#deps.registry.get(stepName);
    if (!step) throw new Error(`No step "${stepName}" is registered.`);
    let message: Message | undefined;
    try {
      if (await this.#waits(stepName, raw, delivery.log)) return;
      message = parseMessage(raw);
      if (message.deaths === 0) await this.#traced(step, message, delivery);
      else await this.#suspect(step, message, raw, delivery);
    } catch (error) {
      if (message && error instanceof HostAwayError) {
        return this.#awaitHost(stepName, message, error, delivery.log);
      }
      const put = await putBackOnOutage(this.#deps, stepName, rawText(raw), error, delivery.log);
      if (put) return;
      if (!(error instanceof ContractError)) throw error;
      await this.#deadLetter(stepName, raw, message, error, delivery.log);
    }
  }

  /** Puts back a message whose image is at a host that is away, with a note of since when it is: see `admission.ts`. */
  async #awaitHost(stepName: string, message: Message, { outage }: HostAwayError, log: Log): Promise<void> {
    const { clock, settings, random, storage, claimCheck } = this.#deps;
    const since = message.away_since ?? new Date(clock()).toISOString();
    const growingMs = outageDelayMs(clock() - Date.parse(since), settings);
    const delayMs = withJitter(delayAskedFor(outage, growingMs), random);
    const { id } = message.job_definition;
    log.warn('message.put-back', { job: id, queue: stepName, code: outage.code, delayMs });
    const text = await claimCheck.encode(jobKey(id), { ...message, away_since: since });
    await storage.queues.send(stepName, text, delayMs);
  }

  /** A message over which a process has died is worked on while no other such one is; put back as it is if that takes long. */
  async #suspect(step: AnyStep, message: Message, raw: unknown, delivery: Delivery): Promise<void> {
    const { storage, settings, random } = this.#deps;
    const putBack = async () => {
      const delayMs = Math.max(1000, backoffMs(message.deaths, settings, random));
      await storage.queues.send(step.name, rawText(raw), delayMs);
      delivery.log.info('suspect.put-back', { job: message.job_definition.id, step: step.name, delayMs });
    };
    const turn = turnOf(message.job_definition.id, delivery.dequeueCount);
    await this.#isolation.run(turn, () => this.#traced(step, message, delivery), putBack);
  }

  /** A step is one span of its image's trace, which the messages that follow carry on. */
  async #traced(step: AnyStep, message: Message, delivery: Delivery): Promise<void> {
    const about = { 'imaginem.job': message.job_definition.id, 'imaginem.run': message.run };
    await this.#telemetry.span(
      step.name,
      { ...about, 'imaginem.dequeue_count': delivery.dequeueCount },
      (span) =>
        this.#enter(step, { ...message, traceparent: message.traceparent ?? span.traceparent }, delivery),
      { traceparent: message.traceparent, invocation: delivery.traceparent },
    );
  }

  /** Puts a message of a paused step back as it is: no attempt, nothing recorded. */
  async #waits(stepName: string, raw: unknown, log: Log): Promise<boolean> {
    const delay = await this.#deps.pauses?.delayOf(stepName);
    if (delay === undefined) return false;
    const delayMs = withJitter(delay, this.#deps.random);
    await this.#deps.storage.queues.send(stepName, rawText(raw), delayMs);
    log.info('message.paused', { step: stepName, delayMs });
    return true;
  }

  /** Finds the job of a message, admitting it where it is unknown, and drops a message that is out of date. */
  async #enter(step: AnyStep, message: Message, delivery: Delivery): Promise<void> {
    const { id, batch_id: batchId } = message.job_definition;
    const { journal } = this.#deps;
    // The row that people see is written from the table, whatever it costs.
    let entry = await journal.readAt(batchId, id, step.name === OUTPUT_STEP ? undefined : message.row);
    if (!entry) {
      if (await this.erased.discardWhere(message, step.name, delivery)) return;
      currentStep(message, step.name, undefined, this.#deps);
      entry = await this.#deps.admission.admitMessage(message, delivery.log);
    }
    if (entry.job.erasedAt !== undefined) return this.erased.discard(message, step.name, delivery);
    const pipeline = currentStep(message, step.name, entry.job, this.#deps);
    if (isStale(message, step.name, entry.job)) {
      delivery.log.info('message.stale', { job: id, step: step.name, run: message.run, seq: message.seq });
      return;
    }
    // Not on the way to the row: an image that kills whoever looks at it must still get there.
    if (step.name !== OUTPUT_STEP && message.run > entry.job.run && entry.job.end?.kind === 'rejected') {
      entry = await this.#deps.admission.reexamine(entry, message, delivery.log);
    }
    entry = await this.#deps.admission.adopt(entry, message, delivery.log);
    await this.#work(step, message, entry, pipeline, delivery);
  }

  async #work(
    step: AnyStep,
    message: Message,
    entry: JournalEntry,
    pipeline: string[],
    delivery: Delivery,
  ): Promise<void> {
    const { job } = entry;
    const here = pipeline.indexOf(step.name);
    const recorded = outcomeFor(job, step.name, message.run, message.rerun_steps);
    if (recorded || (job.end && step.name !== OUTPUT_STEP)) {
      return this.#sendNext({ ...job, pipeline }, message, here + 1);
    }
    const lack = lackOf({ ...job, pipeline }, step.needs, message);
    const before = this.#attemptsBefore(job, step, message) + delivery.dequeueCount - 1;
    const now = () => new Date(this.#deps.clock()).toISOString();
    if (lack) {
      const record: StepRecord = { ...lack, run: message.run, seq: message.seq, at: now(), attempts: 0 };
      await this.#settle(step, message, entry, record, pipeline, delivery);
      return;
    }
    const started = this.#deps.clock();
    try {
      const output = await runStep(step, message, { ...job, pipeline }, this.#deps, delivery);
      const record: StepRecord = {
        state: 'done',
        run: message.run,
        seq: message.seq,
        at: now(),
        attempts: before + 1,
        ms: this.#deps.clock() - started,
        output:
          step.name === OUTPUT_STEP
            ? reported(job)
            : await this.#deps.claimCheck.inlineOrStore(
                jobKey(job.id),
                `${step.name}-${message.run}`,
                output,
              ),
      };
      const settled = await this.#settle(step, message, entry, record, pipeline, delivery);
      if (step.name === OUTPUT_STEP && settled && settled.steps[OUTPUT_STEP]?.output !== record.output) {
        // Another delivery has written a newer row meanwhile, which this one may have overwritten.
        await runStep(step, message, settled, this.#deps, delivery);
      }
      const { attempts, ms } = record;
      delivery.log.info('step.done', { job: job.id, step: step.name, attempts, ms });
    } catch (error) {
      const met = asOutage(error, delivery.signal);
      const judged = this.#deps.breaker?.judge(met, job.id) ?? met;
      await this.#failed(step, message, entry, judged, before, pipeline, delivery);
    }
  }

  /** The error's class decides: see `errors.ts`. */
  async #failed(
    step: AnyStep,
    message: Message,
    entry: JournalEntry,
    error: unknown,
    before: number,
    pipeline: string[],
    delivery: Delivery,
  ): Promise<void> {
    const { clock, random, settings } = this.#deps;
    const at = new Date(clock()).toISOString();
    const recorded = toRecordedError(error);
    const about = { job: entry.job.id, step: step.name, code: recorded.code, attempts: before + 1 };
    const record = { run: message.run, seq: message.seq, at, attempts: before + 1, error: recorded };
    if (error instanceof ImageChangedError) {
      const ended = await this.#recorder.end(entry, message, { kind: error.end, reason: recorded }, pipeline);
      delivery.log.info('job.ended', { ...about, end: error.end });
      if (ended === 'overtaken') await this.erased.discardWhere(message, step.name, delivery);
      else await this.#sendNext(ended.job, message, pipeline.length - 1);
      return;
    }
    const settle = async (how: Pick<StepRecord, 'state' | 'output' | 'retryable'>) => {
      await this.#settle(step, message, entry, { ...record, ...how }, pipeline, delivery);
    };
    if (error instanceof UnavailableError && !step.patient) {
      return settle({ state: 'unavailable', output: { unavailable: recorded } });
    }
    if ((error instanceof PermanentError || error instanceof ContractError) && !step.patient) {
      delivery.log.warn('step.failed', about);
      return settle({ state: 'failed', retryable: false });
    }
    const waiting = entry.job.steps[step.name];
    const mayDelay = error instanceof RateLimitedError || error instanceof OutageError;
    const since = mayDelay ? (waiting?.run === message.run && waiting.since) || at : undefined;
    const waitedMs = since === undefined ? 0 : clock() - Date.parse(since);
    const givenUp = mayDelay
      ? since !== undefined && outlasted(since, clock, settings)
      : before + 1 >= settings.MAX_ATTEMPTS;
    if (givenUp && !step.patient) {
      delivery.log.error('step.failed', about);
      return settle({ state: 'failed', retryable: true });
    }
    const delayMs = mayDelay
      ? withJitter(delayAskedFor(error, outageDelayMs(waitedMs, settings)), random)
      : backoffMs(before + 1, settings, random);
    delivery.log.warn('step.waiting', { ...about, delayMs });
    this.#telemetry.count('imaginem.step.delays', { step: step.name, code: recorded.code });
    const put: StepRecord = {
      ...record,
      state: 'waiting',
      attempts: mayDelay ? before : before + 1,
      nextAt: new Date(clock() + delayMs).toISOString(),
      ...(since !== undefined && { since }),
    };
    await this.#putBack(step, message, entry, { ...put, seq: message.seq + 1 }, pipeline, delayMs, delivery);
  }

  /**
   * Records that every process that worked on this message died, or threw what nobody foresaw, and moves the job on.
   *
   * @returns false where the job has no row to record it in
   */
  async blame(
    stepName: string,
    message: Message,
    error: RecordedError,
    delivery: Pick<Delivery, 'log' | 'signal'>,
  ): Promise<boolean> {
    const step = this.#deps.registry.get(stepName);
    const { id, batch_id: batchId } = message.job_definition;
    const entry = await this.#deps.journal.read(batchId, id);
    if (!entry || !step) return false;
    const pipeline = currentStep(message, stepName, entry.job, this.#deps);
    if (isStale(message, stepName, entry.job)) return true;
    const at = new Date(this.#deps.clock()).toISOString();
    const attempts = this.#attemptsBefore(entry.job, step, message) + 1;
    await this.#settle(
      step,
      message,
      entry,
      { state: 'failed', run: message.run, seq: message.seq, at, attempts, error, retryable: true },
      pipeline,
      delivery,
    );
    return true;
  }

  /** Whether there is nothing left to do at this step: its outcome is recorded, or the message is out of date. */
  async isSettled(stepName: string, message: Message): Promise<boolean> {
    const { id, batch_id: batchId } = message.job_definition;
    const job = (await this.#deps.journal.read(batchId, id))?.job;
    if (!job) return false;
    const recorded = outcomeFor(job, stepName, message.run, message.rerun_steps);
    return isStale(message, stepName, job) || recorded !== undefined;
  }

  #attemptsBefore(job: Job, step: AnyStep, message: Message): number {
    const record = job.steps[step.name];
    return record?.state === 'waiting' && record.run === message.run ? record.attempts : 0;
  }

  async #settle(
    step: AnyStep,
    message: Message,
    entry: JournalEntry,
    record: StepRecord,
    pipeline: string[],
    delivery: Pick<Delivery, 'log' | 'signal'>,
  ): Promise<Job | undefined> {
    const settled = await this.#recorder.outcome(entry, message, step.name, record, pipeline);
    if (settled === 'overtaken') {
      await this.erased.discardWhere(message, step.name, delivery);
      return undefined;
    }
    const { job, etag } = settled;
    this.#telemetry.count('imaginem.step.outcomes', { step: step.name, state: record.state });
    if (step.name === OUTPUT_STEP) {
      this.#telemetry.count('imaginem.images', { end: job.end?.kind ?? 'done' });
    }
    await this.#sendNext(job, message, job.pipeline.indexOf(step.name) + 1, etag);
    return job;
  }

  async #sendNext(job: Job, message: Message, from: number, row?: string): Promise<void> {
    if (from >= job.pipeline.length) return;
    const position = nextPosition(job, message, from);
    const name = job.pipeline[position];
    if (name === undefined) return;
    const next = { ...messageFor(job, message, position, message.seq), row };
    await this.#deps.storage.queues.send(name, await this.#deps.claimCheck.encode(jobKey(job.id), next));
  }

  /** Sent first, recorded second: a crash in between leaves two copies, of which each can do the work. */
  async #putBack(
    step: AnyStep,
    message: Message,
    entry: JournalEntry,
    record: StepRecord,
    pipeline: string[],
    delayMs: number,
    delivery: Delivery,
  ): Promise<void> {
    const seq = message.seq + 1;
    const text = await this.#deps.claimCheck.encode(jobKey(entry.job.id), { ...message, seq });
    await this.#deps.storage.queues.send(step.name, text, delayMs);
    const job = await this.#recorder.waiting(entry, message, step.name, record, seq, pipeline);
    if (job === 'overtaken') await this.erased.discardWhere(message, step.name, delivery);
  }

  async #deadLetter(
    queue: string,
    raw: unknown,
    message: Message | undefined,
    error: ContractError,
    log: Log,
  ) {
    const definition = message?.job_definition;
    const letter = await this.#deps.deadLetters.record({
      queue,
      error: toRecordedError(error),
      message: rawText(raw),
      ...(definition && { jobId: definition.id, batchId: definition.batch_id }),
    });
    log.error('message.dead', { queue, letter, code: error.code });
  }
}
