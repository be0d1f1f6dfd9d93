import { atOnce } from '../../domain/at-once.ts';
import type { Job } from '../../domain/job.ts';
import { idsIn } from '../../domain/mentions.ts';
import type { StorageAccount } from '../../storage/account.ts';
import { containers, tables } from '../../storage/names.ts';
import { type Table, tableKey } from '../../storage/tables.ts';

/** A job as a link names it. */
export interface LinkedJob {
  id: string;
  batchId: string;
}

/** Where somebody has got to in a table. */
export interface RowPlace {
  partitionKey: string;
  rowKey: string;
}

/** What a job is about, as people name it: its blob, and the address where that is another's. */
export const picturesOf = ({ source, imageUrl }: Pick<Job, 'source' | 'imageUrl'>): string[] =>
  source.container === containers.input ? [source.name] : [source.name, imageUrl];

/** Rows written or removed at the same time. */
const AT_ONCE = 8;

/** Ids in one row: a property holds 32 Ki characters. */
const IDS_IN_ROW = 100;

const STATE = 'state';

/**
 * Table `joblinks`: from a picture to the jobs that are about it, and from an image to the jobs whose outputs mention it,
 * so that whoever looks for those reads what there is of them and not the whole journal. A link is written before what it
 * leads to: one that leads to nothing is harmless, one that is missing would not be.
 *
 * `of:<blob or address>` has a row per job, `in:<image>` a row per job whose outputs mention it, and `by:<job>` what leads to
 * the links of that job, so that they can be removed with it.
 */
export class JobLinks {
  readonly #table: Table;
  #complete = false;

  constructor(storage: StorageAccount) {
    this.#table = storage.tables.table(tables.jobLinks);
  }

  /** Whether every job has its links: not before the journal of an older version was gone through once. */
  async isComplete(): Promise<boolean> {
    this.#complete ||= (await this.#table.get(STATE, 'complete')) !== undefined;
    return this.#complete;
  }

  async markComplete(): Promise<void> {
    await this.#table.upsert(STATE, 'complete', {});
  }

  /** Where going through the journal of an older version has got to. */
  async progress(): Promise<RowPlace | undefined> {
    const row = await this.#table.get(STATE, 'progress');
    return row && { partitionKey: String(row.columns.partition), rowKey: String(row.columns.row) };
  }

  async keepProgress({ partitionKey, rowKey }: RowPlace): Promise<void> {
    await this.#table.upsert(STATE, 'progress', { partition: partitionKey, row: rowKey });
  }

  /** @param pictures names of blobs, or addresses, that the job is about */
  async notePictures({ id, batchId }: LinkedJob, pictures: readonly string[]): Promise<void> {
    for (const [index, picture] of pictures.entries()) {
      // First what leads to the link, so that none is left behind when the job is removed.
      await this.#table.upsert(byJob(id), `picture-${index}`, { picture });
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
    let found = 0;
    for await (const _ of this.#rowsOf(id, true)) found += 1;
    for await (const _ of this.#listsNaming(id)) found += 1;
    return found;
  }

  /**
   * Removes the rows that lead to or from a job.
   *
   * @param toIt also those by which whoever erases it finds who mentions it: once nobody has to any more
   */
  async remove(id: string, { toIt }: { toIt: boolean }): Promise<void> {
    if (toIt) {
      // While the links still lead there: other jobs keep rows that name this one, and its id is taken out of those.
      for await (const { partitionKey, rowKey, ids } of this.#listsNaming(id)) {
        const mentioned = JSON.stringify(ids.filter((other) => other !== id));
        await this.#table.upsert(partitionKey, rowKey, { mentioned });
      }
    }
    const rows: RowPlace[] = [];
    for await (const row of this.#rowsOf(id, toIt)) rows.push(row);
    // What leads to the others goes last.
    const [own, others] = [true, false].map((isOwn) =>
      rows.filter(({ partitionKey }) => (partitionKey === byJob(id)) === isOwn),
    );
    for (const some of [others, own])
      await atOnce(AT_ONCE, some ?? [], async ({ partitionKey, rowKey }) => {
        await this.#table.delete(partitionKey, rowKey);
      });
  }

  /** Of the jobs that mention an image, the rows that say so. */
  async *#listsNaming(id: string): AsyncGenerator<RowPlace & { ids: string[] }> {
    for await (const job of this.mentioning(id)) {
      for await (const { partitionKey, rowKey, columns } of this.#table.list({
        partitionKey: byJob(job.id),
      })) {
        const ids = idsOf(columns);
        if (ids.includes(id)) yield { partitionKey, rowKey, ids };
      }
    }
  }

  async *#jobsIn(partitionKey: string): AsyncGenerator<LinkedJob> {
    for await (const { columns } of this.#table.list({ partitionKey }))
      yield { id: String(columns.jobId), batchId: String(columns.batchId) };
  }

  async *#rowsOf(id: string, toIt: boolean) {
    const job = tableKey(id);
    if (toIt) for await (const row of this.#table.list({ partitionKey: inImage(id) })) yield row;
    for await (const row of this.#table.list({ partitionKey: byJob(id) })) {
      const { picture } = row.columns;
      const partitions = typeof picture === 'string' ? [ofPicture(picture)] : idsOf(row.columns).map(inImage);
      for (const partition of partitions) {
        const link = await this.#table.get(partition, job);
        if (link) yield link;
      }
      yield row;
    }
  }
}

const idsOf = ({ mentioned }: Readonly<Record<string, unknown>>): string[] =>
  typeof mentioned === 'string' ? JSON.parse(mentioned) : [];

const ofPicture = (picture: string): string => tableKey(`of:${picture}`);
const inImage = (id: string): string => tableKey(`in:${id}`);
const byJob = (id: string): string => tableKey(`by:${id}`);
