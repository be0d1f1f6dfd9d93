import { tombstoneOf } from '../../domain/tombstone.ts';
import type { StorageAccount } from '../../storage/account.ts';
import { tables } from '../../storage/names.ts';
import type { Table } from '../../storage/tables.ts';

/** The partition of table `tombstones`. */
const PARTITION = 'job';

/**
 * Which jobs are erased: table `tombstones`, hashed ids only, kept for good. It is set before anything is deleted, so
 * that whoever looks after writing either sees it, or wrote early enough to be deleted.
 */
export class Tombstones {
  readonly #table: Table;

  constructor(storage: StorageAccount) {
    this.#table = storage.tables.table(tables.tombstones);
  }

  async set(jobId: string, erasure: string, at: string): Promise<void> {
    await this.#table.insert(PARTITION, tombstoneOf(jobId), { erasure, at });
  }

  async has(jobId: string): Promise<boolean> {
    return (await this.#table.get(PARTITION, tombstoneOf(jobId))) !== undefined;
  }

  /** The erasure that erased the job, or undefined where it is not erased. */
  async erasureOf(jobId: string): Promise<string | undefined> {
    const row = await this.#table.get(PARTITION, tombstoneOf(jobId));
    return row && String(row.columns.erasure);
  }
}
