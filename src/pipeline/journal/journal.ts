import { type ImageFacts, type ImageSource, isFinished, type Job, type JobEnd } from '../../domain/job.ts';
import type { Clock } from '../../domain/ports.ts';
import { OUTPUT_STEP } from '../../domain/step-name.ts';
import type { StorageAccount } from '../../storage/account.ts';
import { tables } from '../../storage/names.ts';
import { type Columns, type Table, tableKey } from '../../storage/tables.ts';
import { toSafeJson } from '../message/codec.ts';
import { JobLinks, type RowPlace } from './job-links.ts';
import {
  fromColumns,
  type JobChange,
  type JobSource,
  jobColumns,
  SOURCE_COLUMNS,
  sourceIn,
  standingColumns,
  stepColumns,
} from './journal-row.ts';
import { JustWritten } from './just-written.ts';
import { RecordedOutputs } from './recorded-outputs.ts';
import { Tombstones } from './tombstones.ts';

/** Rows of many columns that are read at once. */
const WIDE_ROWS = 200;

/** A job and the version of its row that was read. */
export interface JournalEntry {
  job: Job;
  etag: string;
}

/**
 * The journal: table `pipelinelogs`, one row per job, partition = batch, as in 2017. Every write but the first is
 * conditional on the row not having changed, so that of two workers exactly one is recorded.
 */
export class Journal {
  readonly #rows: Table;
  readonly #index: Table;
  /** Jobs that are, or are being, erased. */
  readonly tombstones: Tombstones;
  /** What leads to jobs without going through the journal. */
  readonly links: JobLinks;
  /** What steps have put out, of all jobs. */
  readonly outputs: RecordedOutputs;

  readonly #justWritten: JustWritten;

  constructor(storage: StorageAccount, clock: Clock = Date.now) {
    this.#justWritten = new JustWritten(clock);
    this.tombstones = new Tombstones(storage);
    this.links = new JobLinks(storage);
    this.#rows = storage.tables.table(tables.journal);
    this.outputs = new RecordedOutputs(this.#rows);
    this.#index = storage.tables.table(tables.jobIndex);
  }

  async read(batchId: string, id: string): Promise<JournalEntry | undefined> {
    const row = await this.#rows.get(tableKey(batchId), tableKey(id));
    // Without a job id it is a row of 2017, which wrote under the same keys: nothing to go on from.
    if (row?.columns.jobId === undefined) return undefined;
    return { job: fromColumns(row.columns), etag: row.etag };
  }

  /**
   * As `read`, without asking the table where this process has just written the row.
   *
   * @param etag the row's, when the message was sent
   */
  async readAt(batchId: string, id: string, etag: string | undefined): Promise<JournalEntry | undefined> {
    const written = etag === undefined ? undefined : this.#justWritten.take(batchId, id, etag);
    return written ?? this.read(batchId, id);
  }

  /** The batch a job id belongs to, for those who know only the id. */
  async batchOf(id: string): Promise<string | undefined> {
    const row = await this.#index.get(tableKey(id), 'job');
    return row && String(row.columns.batchId);
  }

  /**
   * Claims a job id for its batch: results, crops, renditions and faces are named by job id alone. To be called before
   * anything is written under that name.
   *
   * @returns `new` where nobody had: this version has written no row for it; `taken` where another batch has this id
   */
  async claim(id: string, batchId: string): Promise<'new' | 'again' | 'taken'> {
    if (await this.#index.insert(tableKey(id), 'job', { batchId })) return 'new';
    return (await this.batchOf(id)) === batchId ? 'again' : 'taken';
  }

  /**
   * Writes a new job, its id claimed, over what 2017 may have left under its key.
   *
   * @returns its row, or undefined where it is there already and has to be read
   */
  async insert(job: Job): Promise<JournalEntry | undefined> {
    const [batch, id] = [tableKey(job.batchId), tableKey(job.id)];
    const columns = jobColumns(job);
    await this.links.noteJob(job);
    const etag = (await this.#rows.create(batch, id, columns)) ?? (await this.#over2017(batch, id, columns));
    return etag ? { job: fromColumns(columns), etag } : undefined;
  }

  async #over2017(batch: string, id: string, columns: Columns): Promise<string | undefined> {
    const there = await this.#rows.get(batch, id);
    if (!there || there.columns.jobId !== undefined) return undefined;
    return this.#rows.replace(batch, id, columns, there.etag);
  }

  /**
   * Merges the change into the row if it is still the version of `entry`.
   *
   * @param sentWith the ETag in the message that the next step gets, where that is not the one which this write gives
   * @returns the row as it now is, or undefined where it has changed meanwhile
   */
  async update(entry: JournalEntry, change: JobChange, sentWith?: string): Promise<JournalEntry | undefined> {
    const { job, etag: before } = entry;
    const columns: Columns = {};
    if (change.run !== undefined) columns.jobRun = change.run;
    if (change.seq !== undefined) columns.jobSeq = change.seq;
    if (change.sent !== undefined) columns.jobSent = change.sent;
    if (change.pipeline !== undefined) columns.jobPipeline = change.pipeline.join(',');
    if (change.consent?.expires !== undefined) await this.links.days.noteEnd(job, change.consent.expires);
    if (change.consent !== undefined) columns.jobConsent = toSafeJson(change.consent);
    if (change.end !== undefined) columns.jobEnd = toSafeJson(change.end);
    for (const [step, record] of Object.entries(change.steps ?? {})) {
      Object.assign(columns, stepColumns(step, record, job.steps[step]));
    }
    const etag = await this.#rows.merge(tableKey(job.batchId), tableKey(job.id), columns, before);
    if (etag === undefined) return undefined;
    const after = { ...job, ...change, steps: { ...job.steps, ...change.steps } };
    this.#justWritten.keep(after, etag, sentWith);
    return { job: after, etag };
  }

  /** Writes what a second look at the image of a rejected job found. @returns false where the row has changed */
  async reexamined(
    { job, etag }: JournalEntry,
    { image, end, source }: { image?: ImageFacts; end?: JobEnd; source: ImageSource },
  ): Promise<boolean> {
    // A merge cannot remove a property: an empty string stands for "none".
    const columns = {
      jobEnd: end ? toSafeJson(end) : '',
      imageFacts: image ? toSafeJson(image) : '',
      imageEtag: source.etag,
    };
    return this.#rows.update(tableKey(job.batchId), tableKey(job.id), columns, etag);
  }

  /**
   * Marks the row of a job that is being erased, so that every write under way, which carries the ETag of before,
   * fails. That there is no row is fine.
   */
  async markErased(batchId: string, id: string, at: string): Promise<void> {
    const columns = { erasedAt: at };
    await this.#rows.update(tableKey(batchId), tableKey(id), columns, '*');
  }

  /** Removes the row of an erased job and what its id was claimed for: after everything that they lead to. */
  async remove(batchId: string, id: string): Promise<void> {
    await this.#rows.delete(tableKey(batchId), tableKey(id));
    await this.#index.delete(tableKey(id), 'job');
  }

  /** Which rows there are of a job: the journal's own, and its id's claim. */
  async presence(batchId: string, id: string): Promise<{ row: boolean; claim: boolean }> {
    const [row, claim] = await Promise.all([
      this.#rows.get(tableKey(batchId), tableKey(id)),
      this.#index.get(tableKey(id), 'job'),
    ]);
    return { row: row !== undefined, claim: claim !== undefined };
  }

  /**
   * What every job is about, for those who look for all jobs of a picture.
   *
   * @param where of one batch, of one blob, of one address; of all jobs where none is given
   */
  async *sources(
    where: { batchId?: string; name?: string; imageUrl?: string } = {},
  ): AsyncGenerator<JobSource> {
    const { batchId, name: imageName, imageUrl: address } = where;
    const picture = imageName ?? address;
    if (batchId === undefined && picture !== undefined && (await this.links.isComplete())) {
      for await (const { id, batchId: batch } of this.links.ofPicture(picture)) {
        const job = (await this.read(batch, id))?.job;
        if (job && (job.source.name === imageName || job.imageUrl === address)) yield job;
      }
      return;
    }
    const filter = {
      ...(imageName !== undefined && { imageName }),
      ...(address !== undefined && { imageUrl: address }),
    };
    for await (const { columns } of this.#rows.list({
      select: SOURCE_COLUMNS,
      ...(batchId !== undefined && { partitionKey: tableKey(batchId) }),
      ...(Object.keys(filter).length > 0 && { where: filter }),
    })) {
      if (columns.jobId !== undefined) yield sourceIn(columns);
    }
  }

  /** Whether there is such a job and its first message has been sent. */
  async isSent(batchId: string, id: string): Promise<boolean> {
    const row = await this.#rows.get(tableKey(batchId), tableKey(id), ['jobSent']);
    return row?.columns.jobSent === true;
  }

  /** The ids of all jobs of a batch whose first message has been sent. */
  async *idsOf(batchId: string): AsyncGenerator<string> {
    const range = { partitionKey: tableKey(batchId), select: ['jobId', 'jobSent'] };
    for await (const row of this.#rows.list(range)) {
      if (row.columns.jobSent === true) yield String(row.columns.jobId);
    }
  }

  /** Every job, or every job of one batch. */
  async *jobs(batchId?: string): AsyncGenerator<Job> {
    const range = batchId === undefined ? {} : { partitionKey: tableKey(batchId) };
    for await (const { columns } of this.#rows.list(range))
      if (columns.jobId !== undefined) yield fromColumns(columns);
  }

  /**
   * As `jobs`, for whoever counts how they stand: without what their steps put out, which is most of a row.
   *
   * @param steps whose records are read; of a job that has others everything is
   */
  async *standings(steps: readonly string[], batchId?: string): AsyncGenerator<Job> {
    const range = batchId === undefined ? {} : { partitionKey: tableKey(batchId) };
    for await (const row of this.#rows.list({ ...range, select: standingColumns(steps), size: WIDE_ROWS })) {
      if (row.columns.jobId === undefined) continue;
      const job = fromColumns(row.columns);
      // Whether a row says everything that was recorded is seen only where everything is.
      const isSure =
        job.pipeline.every((step) => steps.includes(step)) &&
        (job.steps[OUTPUT_STEP]?.state !== 'done' || isFinished(job));
      const whole = isSure ? undefined : await this.#rows.get(row.partitionKey, row.rowKey);
      yield whole ? fromColumns(whole.columns) : job;
    }
  }

  /** Every job behind a place in the journal, each with its own place: for who goes on another time. */
  async *jobsAfter(after: RowPlace | undefined): AsyncGenerator<{ job: Job; place: RowPlace }> {
    for await (const { partitionKey, rowKey, columns } of this.#rows.list(after ? { after } : {}))
      if (columns.jobId !== undefined) yield { job: fromColumns(columns), place: { partitionKey, rowKey } };
  }
}
