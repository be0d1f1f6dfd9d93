import { type RecordedError, toRecordedError } from '../../domain/errors.ts';
import type { Job, JobEnd, StepRecord } from '../../domain/job.ts';
import { jobKey } from '../../domain/job-id.ts';
import type { Clock, Random } from '../../domain/ports.ts';
import { type Verdict, verdictOn } from '../../domain/retry-policy.ts';
import type { Settings } from '../../domain/settings.ts';
import { OUTPUT_STEP } from '../../domain/step-name.ts';
import type { StorageAccount } from '../../storage/account.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Journal } from '../journal/journal.ts';
import { messageFor, nextPosition } from '../journal/next-message.ts';
import type { ClaimCheck } from '../message/claim-check.ts';
import type { Message } from '../message/message.ts';
import type { Discarder } from './discard.ts';
import { Recorder } from './recorder.ts';
import type { Visit } from './visit.ts';

interface OutcomesDeps {
  storage: StorageAccount;
  journal: Journal;
  claimCheck: ClaimCheck;
  settings: Settings;
  clock: Clock;
  random: Random;
  telemetry: Telemetry;
  /** What becomes of messages of erased jobs. */
  erased: Discarder;
}

/** How a step's visit ends: its outcome is recorded and the next message sent, the message is put back, or the job ends. */
export class Outcomes {
  readonly #deps: OutcomesDeps;
  readonly #recorder: Recorder;

  constructor(deps: OutcomesDeps) {
    this.#deps = deps;
    this.#recorder = new Recorder(deps.journal);
  }

  /**
   * @param following outcomes of steps behind this one that are recorded along with it
   * @returns the job as recorded; undefined where another run has overtaken this one, or the job was erased
   */
  async settle(
    visit: Visit,
    record: StepRecord,
    following: Readonly<Record<string, StepRecord>> = {},
  ): Promise<Job | undefined> {
    const { step, message, delivery } = visit;
    const { telemetry, erased } = this.#deps;
    // !!! RECORD, THEN SEND. A crash between the two leaves this message, which finds what is recorded and sends again. The
    // other way round, a message would go out whose outcome nobody has: another delivery could record a different one.
    const settled = await this.#recorder.outcome(visit, record, following);
    if (settled === 'overtaken') {
      await erased.discardWhere(message, step.name, delivery);
      return undefined;
    }
    const { job, etag } = settled;
    telemetry.count('imaginem.step.outcomes', { step: step.name, state: record.state });
    for (const [name, one] of Object.entries(following)) {
      if (job.steps[name] !== one) continue;
      const { state, attempts, ms } = one;
      telemetry.count('imaginem.step.outcomes', { step: name, state });
      if (state === 'done') delivery.log.info('step.done', { job: job.id, step: name, attempts, ms });
    }
    if (step.name === OUTPUT_STEP) telemetry.count('imaginem.images', { end: job.end?.kind ?? 'done' });
    await this.sendNext(job, message, job.pipeline.indexOf(step.name) + 1, etag);
    return job;
  }

  /**
   * Sends the message for the first step from position `from` on that has no outcome yet; none where that was the last.
   *
   * @param etag of the journal row as it is now, which spares the next step a look into the table
   */
  async sendNext(job: Job, message: Message, from: number, etag?: string): Promise<void> {
    if (from >= job.pipeline.length) return;
    const position = nextPosition(job, message, from);
    const queue = job.pipeline[position];
    if (queue === undefined) return;
    await this.#send(queue, { ...messageFor(job, message, position, message.seq), row: etag }, 0);
  }

  /** What becomes of an attempt that failed: see `verdictOn`. @param attempt which one it was, 1 or more */
  async failed(visit: Visit, error: unknown, attempt: number): Promise<void> {
    const { step, message, entry, delivery } = visit;
    const { clock, random, settings } = this.#deps;
    const now = clock();
    const recorded = toRecordedError(error);
    const waiting = entry.job.steps[step.name];
    const since = waiting?.run === message.run ? waiting.since : undefined;
    const about = { job: entry.job.id, step: step.name, code: recorded.code, attempts: attempt };
    const verdict = verdictOn(
      error,
      { number: attempt, now, since, patient: step.patient ?? false },
      settings,
      random,
    );
    const record = {
      run: message.run,
      seq: message.seq,
      at: new Date(now).toISOString(),
      attempts: attempt,
      error: recorded,
    };
    switch (verdict.what) {
      case 'end':
        return this.#end(visit, { kind: verdict.end, reason: recorded }, about);
      case 'settle':
        if (verdict.state === 'failed')
          delivery.log[verdict.retryable ? 'error' : 'warn']('step.failed', about);
        await this.settle(visit, { ...record, ...outcomeOf(verdict, recorded) });
        return;
      case 'wait':
        delivery.log.warn('step.waiting', { ...about, delayMs: verdict.delayMs });
        return this.#putBack(visit, record, verdict);
    }
  }

  async #end(visit: Visit, end: JobEnd, about: object): Promise<void> {
    const { step, message, pipeline, delivery } = visit;
    const ended = await this.#recorder.end(visit, end);
    delivery.log.info('job.ended', { ...about, end: end.kind });
    if (ended === 'overtaken') await this.#deps.erased.discardWhere(message, step.name, delivery);
    else await this.sendNext(ended.job, message, pipeline.length - 1);
  }

  async #putBack(
    visit: Visit,
    record: Omit<StepRecord, 'state'>,
    { delayMs, isAttempt, since }: Verdict & { what: 'wait' },
  ): Promise<void> {
    const { step, message, delivery } = visit;
    const { clock, telemetry, erased } = this.#deps;
    const seq = message.seq + 1;
    telemetry.count('imaginem.step.delays', { step: step.name, code: record.error?.code ?? '' });
    const nextAt = new Date(clock() + delayMs).toISOString();
    // !!! SEND, THEN RECORD: the other way round from an outcome. A crash in between leaves two copies, of which each can do
    // the work; recorded first, it would leave none that is not out of date.
    await this.#send(step.name, { ...message, seq }, delayMs);
    const put = await this.#recorder.waiting(visit, {
      ...record,
      state: 'waiting',
      seq,
      attempts: isAttempt ? record.attempts : record.attempts - 1,
      nextAt,
      ...(since !== undefined && { since }),
    });
    if (put === 'overtaken') await erased.discardWhere(message, step.name, delivery);
  }

  async #send(queue: string, message: Message, delayMs: number): Promise<void> {
    const { storage, claimCheck } = this.#deps;
    const text = await claimCheck.encode(jobKey(message.job_definition.id), message);
    await storage.queues.send(queue, text, delayMs);
  }
}

const outcomeOf = (
  verdict: Verdict & { what: 'settle' },
  error: RecordedError,
): Pick<StepRecord, 'state' | 'output' | 'retryable'> =>
  verdict.state === 'failed'
    ? { state: 'failed', retryable: verdict.retryable }
    : { state: 'unavailable', output: { unavailable: error } };
