import { atOnce } from '../../domain/at-once.ts';
import type { Job } from '../../domain/job.ts';
import { idsIn } from '../../domain/mentions.ts';
import type { StorageAccount } from '../../storage/account.ts';
import { containers, tables } from '../../storage/names.ts';
import { type Table, tableKey } from '../../storage/tables.ts';
import { JobDays, ofAdmission } from './job-days.ts';
import { JobPictures } from './job-pictures.ts';
import { byJob, inImage, type LinkedJob, ofPicture, PREFIX, type RowPlace } from './link-keys.ts';

export type { LinkedJob, RowPlace } from './link-keys.ts';

/** What a job is about, as people name it: its blob, and the address where that is another's. */
const picturesOf = ({ source, imageUrl }: Pick<Job, 'source' | 'imageUrl'>): string[] =>
  source.container === containers.input ? [source.name] : [source.name, imageUrl];

/** Rows written or removed at the same time. */
const AT_ONCE = 8;

/** Ids in one row: a property holds 32 Ki characters. */
const IDS_IN_ROW = 100;

const STATE = 'state';
/** Under another name than before jobs had days: an older walk had no use for those. */
const PROGRESS = 'progress-dated';

/**
 * Table `joblinks`: from a picture to the jobs that are about it, and from an image to the jobs whose outputs mention it,
 * so that whoever looks for those reads what there is of them and not the whole journal. A link is written before what it
 * leads to: one that leads to nothing is harmless, one that is missing would not be.
 *
 * `of:<blob or address>` has a row per job, `in:<image>` a row per job whose outputs mention it, `on:<day>` a row per job
 * admitted then, `to:<day>` a row per job that is to be erased then by its own message, and `by:<job>` what leads to the
 * links of that job, so that they can be removed with it.
 */
export class JobLinks {
  readonly #table: Table;
  #known: 'none' | 'complete' | 'dated' = 'none';

  /** Jobs by their days. */
  readonly days: JobDays;
  /** What jobs are about, by name. */
  readonly pictures: JobPictures;

  constructor(storage: StorageAccount) {
    this.#table = storage.tables.table(tables.jobLinks);
    this.days = new JobDays(this.#table);
    this.pictures = new JobPictures(this.#table);
  }

  /** Whether every job has its links: not before the journal of an older version was gone through once. */
  async isComplete(): Promise<boolean> {
    return (await this.#standing()) !== 'none';
  }

  /** Whether every job is found by its days, too, which came later. */
  async isDated(): Promise<boolean> {
    return (await this.#standing()) === 'dated';
  }

  async #standing(): Promise<'none' | 'complete' | 'dated'> {
    if (this.#known !== 'dated') {
      const row = await this.#table.get(STATE, 'complete');
      this.#known = row === undefined ? 'none' : row.columns.dated === true ? 'dated' : 'complete';
    }
    return this.#known;
  }

  async markComplete(): Promise<void> {
    await this.#table.upsert(STATE, 'complete', { dated: true });
  }

  /** Where going through the journal of an older version has got to. */
  async progress(): Promise<RowPlace | undefined> {
    const row = await this.#table.get(STATE, PROGRESS);
    return row && { partitionKey: String(row.columns.partition), rowKey: String(row.columns.row) };
  }

  async keepProgress({ partitionKey, rowKey }: RowPlace): Promise<void> {
    await this.#table.upsert(STATE, PROGRESS, { partition: partitionKey, row: rowKey });
  }

  /** What a job is found by before it has put anything out: its pictures, the day of its admission, and of its end. */
  async noteJob(job: Pick<Job, 'id' | 'batchId' | 'source' | 'imageUrl' | 'admittedAt' | 'consent'>) {
    const day = ofAdmission(job.admittedAt, job.id);
    await this.#notePictures(job, picturesOf(job), day);
    await this.days.link(job, day);
    if (job.consent?.expires !== undefined) await this.days.noteEnd(job, job.consent.expires);
  }

  /**
   * @param pictures names of blobs, or addresses, that the job is about
   * @param day where its day's link is to stand
   */
  async #notePictures({ id, batchId }: LinkedJob, pictures: readonly string[], day: string): Promise<void> {
    for (const [index, picture] of pictures.entries()) {
      // First what leads to the links, so that none is left behind when the job is removed.
      await this.#table.upsert(byJob(id), `picture-${index}`, { picture, day });
      await this.#table.upsert(ofPicture(picture), tableKey(id), { jobId: id, batchId });
    }
  }

  /** @param slot which output of the job it is: written again, it takes the place of the one before */
  async noteMentions({ id, batchId }: LinkedJob, slot: string, output: unknown): Promise<void> {
    const ids = [...idsIn(output)].filter((other) => other !== id);
    if (ids.length === 0) return;
    const job = tableKey(id);
    for (let start = 0; start < ids.length; start += IDS_IN_ROW) {
      const mentioned = JSON.stringify(ids.slice(start, start + IDS_IN_ROW));
      await this.#table.upsert(byJob(id), tableKey(`${slot}-${start}`), { mentioned });
    }
    await atOnce(AT_ONCE, ids, (other) => this.#table.upsert(inImage(other), job, { jobId: id, batchId }));
  }

  /** Jobs about a blob or an address. */
  ofPicture(picture: string): AsyncGenerator<LinkedJob> {
    return this.#jobsIn(ofPicture(picture));
  }

  /** Jobs whose outputs mention an image, or did once. */
  mentioning(imageId: string): AsyncGenerator<LinkedJob> {
    return this.#jobsIn(inImage(imageId));
  }

  /** Rows that lead to or from a job. */
  async count(id: string): Promise<number> {
    const { own, links, naming } = await this.#rowsOf(id, true);
    let found = own.length + naming.length;
    await atOnce(AT_ONCE, links, async ({ partitionKey, rowKey, isSure }) => {
      if (isSure || (await this.#table.get(partitionKey, rowKey, []))) found += 1;
    });
    return found;
  }

  /**
   * Removes the rows that lead to or from a job.
   *
   * @param toIt also those by which whoever erases it finds who mentions it: once nobody has to any more
   */
  async remove(id: string, { toIt }: { toIt: boolean }): Promise<void> {
    const { own, links, naming } = await this.#rowsOf(id, toIt);
    // While the links still lead there: other jobs keep rows that name this one, and its id is taken out of those.
    for (const { partitionKey, rowKey, ids } of naming) {
      const mentioned = JSON.stringify(ids.filter((other) => other !== id));
      await this.#table.upsert(partitionKey, rowKey, { mentioned });
    }
    // What leads to the others goes last.
    for (const some of [links, own])
      await atOnce(AT_ONCE, some, async ({ partitionKey, rowKey }) => {
        await this.#table.delete(partitionKey, rowKey);
      });
  }

  /**
   * Looks at some rows of the whole table: for a look that misses nothing, whatever leads to a row.
   *
   * @param from `next` of the page before
   * @param jobs ids that are looked for, by what a table makes of them (`tableKey`)
   * @returns rows that name some of those, and which
   */
  async naming(
    jobs: ReadonlyMap<string, string>,
    from: string | undefined,
  ): Promise<{ rows: (RowPlace & { ids: string[] })[]; next?: string }> {
    const { rows, ...rest } = await this.#table.page({ from, select: ['mentioned'] });
    const found = rows.flatMap(({ partitionKey, rowKey, columns }) => {
      const keys = [rowKey, partitionKey.slice(PREFIX), ...idsOf(columns).map(tableKey)];
      const ids = new Set(keys.flatMap((key) => jobs.get(key) ?? []));
      return ids.size === 0 ? [] : [{ partitionKey, rowKey, ids: [...ids] }];
    });
    return { rows: found, ...rest };
  }

  /** Takes ids out of a row: of a list of mentions just these; any other row goes. */
  async withdraw({ partitionKey, rowKey }: RowPlace, ids: ReadonlySet<string>): Promise<void> {
    const row = await this.#table.get(partitionKey, rowKey);
    if (!row) return;
    const isOwn = [...ids].some((id) => partitionKey === byJob(id));
    const { mentioned } = row.columns;
    if (isOwn || typeof mentioned !== 'string') await this.#table.delete(partitionKey, rowKey);
    else {
      const left = idsOf(row.columns).filter((id) => !ids.has(id));
      await this.#table.upsert(partitionKey, rowKey, { mentioned: JSON.stringify(left) });
    }
  }

  /** Whether a row still names one of these. */
  async names({ partitionKey, rowKey }: RowPlace, ids: ReadonlySet<string>): Promise<boolean> {
    const row = await this.#table.get(partitionKey, rowKey);
    if (!row) return false;
    return typeof row.columns.mentioned !== 'string' || idsOf(row.columns).some((id) => ids.has(id));
  }

  async *#jobsIn(partitionKey: string): AsyncGenerator<LinkedJob> {
    for await (const { columns } of this.#table.list({ partitionKey }))
      yield { id: String(columns.jobId), batchId: String(columns.batchId) };
  }

  /**
   * The rows of a job: its own, the links that those name (which may not be there any more), and of `toIt` the links by
   * which others are found that mention it, with the rows of those that say so.
   */
  async #rowsOf(id: string, toIt: boolean) {
    const job = tableKey(id);
    const links = new Map<string, RowPlace & { isSure: boolean }>();
    const naming: (RowPlace & { ids: string[] })[] = [];
    if (toIt)
      for await (const { partitionKey, rowKey, columns } of this.#table.list({ partitionKey: inImage(id) })) {
        links.set(`${partitionKey}\n${rowKey}`, { partitionKey, rowKey, isSure: true });
        naming.push(...(await this.#naming(String(columns.jobId), id)));
      }
    const own: RowPlace[] = [];
    for await (const { partitionKey, rowKey, columns } of this.#table.list({ partitionKey: byJob(id) })) {
      own.push({ partitionKey, rowKey });
      const { picture, day } = columns;
      const partitions = [
        ...(typeof picture === 'string' ? [ofPicture(picture)] : []),
        ...(typeof day === 'string' ? [day] : []),
        ...idsOf(columns).map(inImage),
      ];
      for (const partition of partitions)
        links.set(`${partition}\n${job}`, { partitionKey: partition, rowKey: job, isSure: false });
    }
    return { own, links: links.values(), naming };
  }

  /** Of what a job keeps of its mentions, the rows that name an image. */
  async #naming(job: string, id: string): Promise<(RowPlace & { ids: string[] })[]> {
    const rows: (RowPlace & { ids: string[] })[] = [];
    for await (const { partitionKey, rowKey, columns } of this.#table.list({ partitionKey: byJob(job) })) {
      const ids = idsOf(columns);
      if (ids.includes(id)) rows.push({ partitionKey, rowKey, ids });
    }
    return rows;
  }
}

const idsOf = ({ mentioned }: Readonly<Record<string, unknown>>): string[] =>
  typeof mentioned === 'string' ? JSON.parse(mentioned) : [];
