import { consentNow, fromConsentMessage } from '../../domain/consent.ts';
import { isReserved } from '../../domain/enquiry-batch.ts';
import { ContractError, type RecordedError } from '../../domain/errors.ts';
import type { ImageSource, Job, JobEnd } from '../../domain/job.ts';
import { batchOf, jobIdOf, jobKey } from '../../domain/job-id.ts';
import type { Clock, Log } from '../../domain/ports.ts';
import type { Settings } from '../../domain/settings.ts';
import type { StorageAccount } from '../../storage/account.ts';
import { containers } from '../../storage/names.ts';
import { noTelemetry, type Telemetry } from '../../telemetry/telemetry.ts';
import type { Registry } from '../definition/registry.ts';
import type { Journal, JournalEntry } from '../journal/journal.ts';
import { removeJob } from '../journal/remove-job.ts';
import type { ClaimCheck } from '../message/claim-check.ts';
import { imageParameters, type Message, parseMessage } from '../message/message.ts';
import { pipelineAskedIn, pipelineNamedIn } from './asked-pipeline.ts';
import type { BatchSettings } from './batch-settings.ts';
import { BroughtAlong, passedBy } from './brought-along.ts';
import { type Examined, examine } from './examine.ts';
import { markSent, sendFirst } from './first-message.ts';
import { type FetchImage, ForeignImages } from './foreign-images.ts';

interface AdmissionDeps {
  storage: StorageAccount;
  journal: Journal;
  claimCheck: ClaimCheck;
  registry: Registry;
  settings: Settings;
  clock: Clock;
  telemetry?: Telemetry;
  /** The terms on which each batch may be processed; where absent, no batch has any. */
  batches?: Pick<BatchSettings, 'get'>;
  fetchImage: FetchImage;
}

/** Makes an image a job: looks at its bytes once, writes its journal row, and sends its first message. */
export class Admission {
  readonly #deps: AdmissionDeps;
  readonly #foreign: ForeignImages;
  readonly #brought: BroughtAlong;

  constructor(deps: AdmissionDeps) {
    this.#deps = deps;
    this.#foreign = new ForeignImages(deps);
    this.#brought = new BroughtAlong(deps);
  }

  /**
   * Admits one version of a blob of the input container. Safe to repeat: events come doubled, late, and again after a
   * crash between the row and the message. Its pipeline is what the blob's own metadata ask for, else
   * `PIPELINE_DEFINITION`: bound to the blob, so that whichever event comes first admits the same job.
   *
   * @param etag bare ETag the event named; the current one where it named none
   */
  async admitBlob(name: string, etag: string | undefined, log: Log): Promise<void> {
    await this.#admit(name, etag, log);
  }

  /** Admits a blob as rejected without looking at it: what looking at it does to a process is known. */
  async refuseBlob(name: string, etag: string | undefined, reason: RecordedError, log: Log): Promise<void> {
    await this.#admit(name, etag, log, { kind: 'rejected', reason });
  }

  async #admit(name: string, etag: string | undefined, log: Log, end?: JobEnd): Promise<void> {
    const { storage, journal } = this.#deps;
    const version = etag ?? (await storage.blobs.head(containers.input, name))?.etag;
    if (version === undefined) return;
    const id = jobIdOf(containers.input, name, version);
    const batchId = batchOf(name);
    const isErased = await journal.tombstones.has(id);
    // A new claim says that there is no row: mostly that spares a look.
    const isNew = !isErased && (await this.#claim({ id, batchId })) === 'new';
    const known = isNew ? undefined : await journal.read(batchId, id);
    if (known?.job.sent) return;
    if (isErased) return this.#forget({ id, batchId }, log);
    const { telemetry = noTelemetry } = this.#deps;
    await telemetry.span('admission', { 'imaginem.job': id }, async ({ traceparent }) => {
      const entry = known ?? (await this.#insertBlob(name, version, end));
      if (entry.job.sent) return;
      // Asked again once the row is written: an erasure in between has found the row, or is seen here.
      if (!known && (await this.#isErased({ id, batchId }, log))) return;
      // A step that has an outcome had its message: only the mark that it was sent is missing.
      const underWay = entry.job.run > 0 || Object.keys(entry.job.steps).length > 0;
      if (!underWay) await sendFirst(entry, traceparent, this.#deps);
      await markSent(entry, this.#deps.journal);
      log.info('job.admitted', { job: id, ...(entry.job.end && { end: entry.job.end.kind }) });
    });
  }

  /** Whether the job has been erased; what an earlier try of its admission left goes. */
  async #isErased(job: { id: string; batchId: string }, log: Log): Promise<boolean> {
    const isErased = await this.#deps.journal.tombstones.has(job.id);
    if (isErased) await this.#forget(job, log);
    return isErased;
  }

  async #forget(job: { id: string; batchId: string }, log: Log): Promise<void> {
    await removeJob(job, this.#deps, { log, signal: new AbortController().signal });
    log.info('admission.erased', { job: job.id });
  }

  async #insertBlob(name: string, etag: string, end: JobEnd | undefined): Promise<JournalEntry> {
    const { storage } = this.#deps;
    const message = parseMessage({
      job_definition: {
        id: jobIdOf(containers.input, name, etag),
        batch_id: batchOf(name),
        input: { image_url: storage.blobs.url(containers.input, name) },
      },
    });
    const source = { container: containers.input, name, etag };
    const pipeline = pipelineAskedIn(message, new Set(), this.#deps);
    return this.#insert(message, { pipeline, source, steps: {}, sent: false, end, heeds: true });
  }

  /**
   * Admits a message that reached a step without a journal row: posted by hand, or from 2017.
   *
   * @returns the entry, with `erasedAt` where the job was erased meanwhile
   * @throws {ContractError} when the message cannot become a job
   */
  async admitMessage(message: Message, log: Log): Promise<JournalEntry> {
    this.#refuseReserved(message);
    const brought = this.#brought.outputsOf(message);
    const pipeline = pipelineAskedIn(message, new Set(Object.keys(brought)), this.#deps);
    const { id, batch_id: batchId } = message.job_definition;
    await this.#claim({ id, batchId });
    const { source, end } = await this.#sourceOf(message);
    const steps = passedBy(brought, pipeline, message);
    const entry = await this.#insert(message, { pipeline, source, steps, sent: true, end });
    if (await this.#isErased({ id, batchId }, log)) {
      return { ...entry, job: { ...entry.job, erasedAt: new Date(this.#deps.clock()).toISOString() } };
    }
    log.info('job.admitted', { job: message.job_definition.id, by: 'message' });
    return entry;
  }

  /** Records what a message brings that its job has no record of: see `BroughtAlong`. */
  adopt(entry: JournalEntry, message: Message, log: Log): Promise<JournalEntry> {
    return this.#brought.adopt(entry, message, log);
  }

  /**
   * Looks again at the image of a rejected job, for a newer run: limits may have been raised since, formats added. One
   * that passes now is a job like any other. A foreign one that never came is asked for again.
   */
  async reexamine(entry: JournalEntry, message: Message, log: Log): Promise<JournalEntry> {
    const { journal, storage, settings } = this.#deps;
    const { job } = entry;
    const { source, end } = ForeignImages.isMissing(job.source)
      ? await this.#foreign.copyIn(message)
      : { source: job.source };
    const { asksFor, ...found }: Examined = end
      ? { end }
      : await examine(source, jobKey(job.id), storage.blobs, settings);
    const asked = asksFor === undefined ? undefined : pipelineNamedIn(asksFor, this.#deps.registry);
    const examined: Examined = asked && 'end' in asked ? { end: asked.end } : found;
    if (await journal.reexamined(entry, { ...examined, source })) {
      log.info('job.reexamined', { job: job.id, ...(examined.end && { end: examined.end.kind }) });
    }
    // Another delivery of the same message may have been first: what is recorded counts.
    return (await journal.read(job.batchId, job.id)) ?? entry;
  }

  /** @throws {ContractError} where a message puts a photograph among those of an enquiry that is not in its folder */
  #refuseReserved({ job_definition: { batch_id: batchId, input } }: Message): void {
    const name = this.#deps.storage.blobs.nameIn(containers.input, input.image_url);
    if (!isReserved(batchId) || (name !== undefined && batchOf(name) === batchId)) return;
    throw new ContractError('The batch of this message belongs to an enquiry: give the message another.', {
      code: 'BatchReserved',
    });
  }

  /** @throws {ContractError} where another batch has this job id: its crops and faces bear that name */
  async #claim({ id, batchId }: { id: string; batchId: string }): Promise<'new' | 'again'> {
    const claim = await this.#deps.journal.claim(id, batchId);
    if (claim !== 'taken') return claim;
    throw new ContractError(
      'This job id is already in use in another batch: give the message an id of its own.',
      { code: 'JobIdTaken' },
    );
  }

  /** Where the image is, with its current version. A foreign one is copied in first; without it the job ends with why not. */
  async #sourceOf(message: Message): Promise<{ source: ImageSource; end?: JobEnd | undefined }> {
    const { blobs } = this.#deps.storage;
    const name = blobs.nameIn(containers.input, message.job_definition.input.image_url);
    if (name === undefined) return this.#foreign.copyIn(message);
    const head = await blobs.head(containers.input, name);
    return { source: { container: containers.input, name, etag: head?.etag ?? '' } };
  }

  async #insert(
    message: Message,
    {
      pipeline,
      source,
      steps,
      sent,
      end,
      heeds = false,
    }: Pick<Job, 'pipeline' | 'source' | 'steps' | 'sent'> & {
      end: JobEnd | undefined;
      /** Whether the pipeline that the blob's metadata ask for goes before `pipeline`. */
      heeds?: boolean;
    },
  ): Promise<JournalEntry> {
    const { journal, claimCheck, storage, settings, clock } = this.#deps;
    const { id, batch_id: batchId, input } = message.job_definition;
    const { asksFor, ...examined }: Examined = end
      ? { end }
      : await examine(source, jobKey(id), storage.blobs, settings);
    const asked = heeds && asksFor !== undefined ? pipelineNamedIn(asksFor, this.#deps.registry) : {};
    const parameters = imageParameters(message);
    const said = await this.#deps.batches?.get(batchId);
    const consent = consentNow(fromConsentMessage(message.job_definition.consent), said?.consent);
    const job: Job = {
      id,
      batchId,
      imageUrl: input.image_url,
      source,
      ...examined,
      ...(parameters !== undefined && {
        parameters: await claimCheck.inlineOrStore(jobKey(id), 'image_parameters', parameters),
      }),
      ...(consent && { consent }),
      pipeline,
      ...asked,
      run: message.run,
      seq: message.seq,
      sent,
      admittedAt: new Date(clock()).toISOString(),
      steps: await this.#brought.kept({ id, batchId }, steps),
    };
    const entry = (await journal.insert(job)) ?? (await journal.read(batchId, id));
    if (!entry) throw new Error(`The journal row of job ${jobKey(id)} vanished after it was written.`);
    return entry;
  }
}
