import { ContractError, type RecordedError, reason, toRecordedError } from '../../domain/errors.ts';
import { batchOf, jobIdOf, jobKey } from '../../domain/job-id.ts';
import type { Log, Random } from '../../domain/ports.ts';
import { backoffMs, HOST_DELIVERIES, MAX_DEATHS, poisonDelayMs } from '../../domain/retry-policy.ts';
import type { Settings } from '../../domain/settings.ts';
import type { StorageAccount } from '../../storage/account.ts';
import { EVENTS_QUEUE, poisonQueue } from '../../storage/names.ts';
import type { Admission } from '../admission/admission.ts';
import type { Registry } from '../definition/registry.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { PipelineHelper } from '../delivery/helper.ts';
import type { DeadLetter, DeadLetters } from '../journal/dead-letters.ts';
import type { ClaimCheck } from '../message/claim-check.ts';
import { decodeQueueMessage, rawText, toSafeJson } from '../message/codec.ts';
import { type BlobCreated, parseEvents } from '../message/event.ts';
import { type Message, parseMessage } from '../message/message.ts';

const died: RecordedError = reason(
  'ProcessDied',
  'Every attempt ended with the process dying or an unforeseen error. Look for this job in the logs, then replay it.',
);

interface PoisonDeps {
  storage: StorageAccount;
  claimCheck: ClaimCheck;
  deadLetters: DeadLetters;
  admission: Admission;
  helper: PipelineHelper;
  registry: Registry;
  settings: Settings;
  random: Random;
}

/**
 * What becomes of messages that the Functions host gave up. Ours never get there by an error the pipeline knows, so
 * each is a process that died or a fault nobody foresaw.
 */
export class Poison {
  readonly #deps: PoisonDeps;

  constructor(deps: PoisonDeps) {
    this.#deps = deps;
  }

  /** A message of `<step>-poison`: put back, or blamed, recorded, and its job moved on so that its row still appears. */
  step(stepName: string, raw: unknown, delivery: Delivery): Promise<void> {
    return this.#persevere(poisonQueue(stepName), raw, delivery, () => this.#step(stepName, raw, delivery));
  }

  /** A message of `inputimages-events-poison`: an image that kills its admission ends as a rejected row. */
  events(raw: unknown, delivery: Delivery): Promise<void> {
    return this.#persevere(poisonQueue(EVENTS_QUEUE), raw, delivery, () => this.#events(raw, delivery.log));
  }

  /**
   * A poison queue has none of its own: after `maxDequeueCount` deliveries that did not end, the host leaves a message
   * there and never hands it over again. So whatever goes wrong, the message is put back as a new one; and where its
   * process has died over it, or with it, that is all that is done at this delivery: one call, before the next death.
   */
  async #persevere(
    queue: string,
    raw: unknown,
    { dequeueCount, log }: Delivery,
    work: () => Promise<void>,
  ): Promise<void> {
    if (dequeueCount > 1) return this.#renew(queue, raw, 'ProcessDied', log);
    try {
      await work();
    } catch (error) {
      await this.#renew(queue, raw, toRecordedError(error).code, log);
    }
  }

  async #renew(queue: string, raw: unknown, code: string, log: Log): Promise<void> {
    const { storage, settings, random } = this.#deps;
    log.error('poison.put-back', { queue, code });
    await storage.queues.send(queue, rawText(raw), poisonDelayMs(settings, random));
  }

  /**
   * Messages that stay in a poison queue for good: the Functions library failed before any code of ours ran, at the step
   * and here (JSON that nests too deeply for it), and no queue comes after a poison queue. They are read as text.
   *
   * @returns how many there were
   */
  async leftBehind(log: Log, signal: AbortSignal): Promise<number> {
    const { storage, registry } = this.#deps;
    const delivery = { log, signal };
    let found = await storage.queues.takeLeft(poisonQueue(EVENTS_QUEUE), HOST_DELIVERIES, (text) =>
      this.#events(text, log),
    );
    for (const name of registry.names) {
      signal.throwIfAborted();
      found += await storage.queues.takeLeft(poisonQueue(name), HOST_DELIVERIES, (text) =>
        this.#step(name, text, delivery),
      );
    }
    if (found > 0) log.error('poison.left-behind', { messages: found });
    return found;
  }

  async #step(
    stepName: string,
    raw: unknown,
    { log, signal }: Pick<Delivery, 'log' | 'signal'>,
  ): Promise<void> {
    const { storage, claimCheck, settings, random, helper, registry } = this.#deps;
    let message: Message | undefined;
    try {
      message = parseMessage(raw);
      const { id } = message.job_definition;
      if (await helper.erased.discardWhere(message, stepName, { log, signal })) return;
      if (message.deaths < MAX_DEATHS || registry.get(stepName)?.patient) {
        const deaths = message.deaths + 1;
        const delayMs = backoffMs(deaths, settings, random);
        await storage.queues.send(
          stepName,
          await claimCheck.encode(jobKey(id), { ...message, deaths }),
          delayMs,
        );
        log.warn('poison.put-back', { job: id, step: stepName, deaths });
        return;
      }
      // A copy of a message that has done its work since has nobody to blame, and may still have a job to move on.
      const settled = await helper.isSettled(stepName, message);
      if (!settled) await this.#record(stepName, raw, aboutMessage(message), died, message.deaths + 1);
      const moved = await helper.blame(stepName, message, died, { log, signal });
      if (settled) return log.info('poison.settled', { job: id, step: stepName });
      log.error('poison.blamed', { job: id, step: stepName, moved });
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      await this.#record(stepName, raw, message && aboutMessage(message), toRecordedError(error));
      log.error('message.dead', { queue: stepName, code: error.code });
    }
  }

  async #events(raw: unknown, log: Log): Promise<void> {
    const { storage, settings, random, admission } = this.#deps;
    try {
      const blobs = parseEvents(raw);
      const deaths = deathsOf(raw) + 1;
      if (deaths <= MAX_DEATHS) {
        const value = decodeQueueMessage(raw);
        for (const event of Array.isArray(value) ? value : [value]) {
          const text = toSafeJson({ ...(event as object), deaths });
          await storage.queues.send(EVENTS_QUEUE, text, backoffMs(deaths, settings, random));
        }
        log.warn('poison.put-back', { queue: EVENTS_QUEUE, deaths });
        return;
      }
      // Of an erased image nothing is kept; asking for its admission deletes what there may be.
      if (!(await this.#allErased(blobs))) {
        await this.#record(EVENTS_QUEUE, raw, aboutBlob(blobs[0]), died, deaths);
      }
      for (const blob of blobs) await admission.refuseBlob(blob.name, blob.etag, died, log);
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
      await this.#record(EVENTS_QUEUE, raw, undefined, toRecordedError(error));
      log.error('message.dead', { queue: EVENTS_QUEUE, code: error.code });
    }
  }

  async #allErased(blobs: readonly BlobCreated[]): Promise<boolean> {
    for (const { container, name, etag } of blobs) {
      if (etag === undefined) return false;
      if (!(await this.#deps.helper.erased.isErased(jobIdOf(container, name, etag)))) return false;
    }
    return true;
  }

  async #record(queue: string, raw: unknown, about: About | undefined, error: RecordedError, attempts = 0) {
    await this.#deps.deadLetters.record({ queue, error, attempts, message: rawText(raw), ...about });
  }
}

/** Which job a dead letter is about, as far as the message says. */
type About = Pick<DeadLetter, 'jobId' | 'batchId'>;

const aboutMessage = ({ job_definition: { id, batch_id } }: Message): About => ({
  jobId: id,
  batchId: batch_id,
});

function aboutBlob(blob: BlobCreated | undefined): About {
  if (!blob) return {};
  const job = blob.etag !== undefined && { jobId: jobIdOf(blob.container, blob.name, blob.etag) };
  return { ...job, batchId: batchOf(blob.name) };
}

function deathsOf(raw: unknown): number {
  const { deaths } = Object(decodeQueueMessage(raw)) as { deaths?: unknown };
  return typeof deaths === 'number' ? deaths : 0;
}
