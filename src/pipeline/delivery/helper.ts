import { ContractError, type RecordedError, toRecordedError } from '../../domain/errors.ts';
import { outcomeFor } from '../../domain/job.ts';
import type { Clock, Log, Random } from '../../domain/ports.ts';
import { suspectDelayMs, withJitter } from '../../domain/retry-policy.ts';
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
import type { Journal } from '../journal/journal.ts';
import type { ClaimCheck } from '../message/claim-check.ts';
import { rawText } from '../message/codec.ts';
import { type Message, parseMessage } from '../message/message.ts';
import type { Delivery } from './delivery.ts';
import { Discarder } from './discard.ts';
import { isStale, pipelineOf } from './gate.ts';
import { Isolation, turnOf } from './isolation.ts';
import { putBackOnOutage, putBackUntilHostIsBack } from './outage.ts';
import { Outcomes } from './outcomes.ts';
import type { Pauses } from './pauses.ts';
import { StepWork } from './step-work.ts';
import { attemptsBefore, type Visit } from './visit.ts';

interface HelperDeps {
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
  /** What becomes of messages of erased jobs. */
  readonly erased: Discarder;
  readonly #outcomes: Outcomes;
  readonly #work: StepWork;
  readonly #isolation = new Isolation();
  readonly #telemetry: Telemetry;

  constructor(deps: HelperDeps) {
    this.#deps = deps;
    this.#telemetry = deps.telemetry ?? noTelemetry;
    this.erased = new Discarder(deps);
    this.#outcomes = new Outcomes({ ...deps, telemetry: this.#telemetry, erased: this.erased });
    this.#work = new StepWork(deps, this.#outcomes);
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
      if (await this.#isPaused(stepName, raw, delivery.log)) return;
      message = parseMessage(raw);
      if (message.deaths === 0) await this.#traced(step, message, delivery);
      else await this.#isolated(step, message, raw, delivery);
    } catch (error) {
      if (message && error instanceof HostAwayError) {
        return putBackUntilHostIsBack(this.#deps, stepName, message, error, delivery.log);
      }
      const put = await putBackOnOutage(this.#deps, stepName, rawText(raw), error, delivery.log);
      if (put) return;
      if (!(error instanceof ContractError)) throw error;
      await this.#deadLetter(stepName, raw, message, error, delivery.log);
    }
  }

  /** Puts a message of a paused step back as it is: no attempt, nothing recorded. */
  async #isPaused(stepName: string, raw: unknown, log: Log): Promise<boolean> {
    const delay = await this.#deps.pauses?.delayOf(stepName);
    if (delay === undefined) return false;
    const delayMs = withJitter(delay, this.#deps.random);
    await this.#deps.storage.queues.send(stepName, rawText(raw), delayMs);
    log.info('message.paused', { step: stepName, delayMs });
    return true;
  }

  /** A message over which a process has died is worked on while no other such one is; put back as it is if that takes long. */
  async #isolated(step: AnyStep, message: Message, raw: unknown, delivery: Delivery): Promise<void> {
    const { storage, settings, random } = this.#deps;
    const putBack = async () => {
      const delayMs = suspectDelayMs(message.deaths, settings, random);
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
      async (span) => {
        const traced = { ...message, traceparent: message.traceparent ?? span.traceparent };
        const visit = await this.#enter(step, traced, delivery);
        if (visit) await this.#work.run(visit, attemptsBefore(visit) + delivery.dequeueCount);
      },
      { traceparent: message.traceparent, invocation: delivery.traceparent },
    );
  }

  /**
   * Finds the job of a message, admitting it where it is unknown.
   *
   * @returns undefined where nothing is left to do: the message is out of date, or its job has been erased
   */
  async #enter(step: AnyStep, message: Message, delivery: Delivery): Promise<Visit | undefined> {
    const { id, batch_id: batchId } = message.job_definition;
    const { journal, admission } = this.#deps;
    const { log } = delivery;
    // The output step reads the row from the table, never from memory: what people see must be what is recorded.
    let entry = await journal.readAt(batchId, id, step.name === OUTPUT_STEP ? undefined : message.row);
    if (!entry) {
      if (await this.erased.discardWhere(message, step.name, delivery)) return undefined;
      pipelineOf(message, step.name, undefined, this.#deps);
      entry = await admission.admitMessage(message, log);
    }
    if (entry.job.erasedAt !== undefined) {
      await this.erased.discard(message, step.name, delivery);
      return undefined;
    }
    const pipeline = pipelineOf(message, step.name, entry.job, this.#deps);
    if (isStale(message, step.name, entry.job)) {
      log.info('message.stale', { job: id, step: step.name, run: message.run, seq: message.seq });
      return undefined;
    }
    // Not on the way to the row: an image that kills whoever looks at it must still get there.
    if (step.name !== OUTPUT_STEP && message.run > entry.job.run && entry.job.end?.kind === 'rejected') {
      entry = await admission.reexamine(entry, message, log);
    }
    entry = await admission.adopt(entry, message, log);
    return { step, message, entry, pipeline, delivery };
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
    const { registry, journal, clock } = this.#deps;
    const step = registry.get(stepName);
    const { id, batch_id: batchId } = message.job_definition;
    const entry = await journal.read(batchId, id);
    if (!entry || !step) return false;
    const pipeline = pipelineOf(message, stepName, entry.job, this.#deps);
    if (isStale(message, stepName, entry.job)) return true;
    const visit: Visit = { step, message, entry, pipeline, delivery };
    await this.#outcomes.settle(visit, {
      state: 'failed',
      run: message.run,
      seq: message.seq,
      at: new Date(clock()).toISOString(),
      attempts: attemptsBefore(visit) + 1,
      error,
      retryable: true,
    });
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

  async #deadLetter(queue: string, raw: unknown, about: Message | undefined, error: ContractError, log: Log) {
    const definition = about?.job_definition;
    const letter = await this.#deps.deadLetters.record({
      queue,
      error: toRecordedError(error),
      message: rawText(raw),
      ...(definition && { jobId: definition.id, batchId: definition.batch_id }),
    });
    log.error('message.dead', { queue, letter, code: error.code });
  }
}
