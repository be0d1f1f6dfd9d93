import type { Dialect } from '../database/database.ts';
import { LIMITS } from './limits.ts';

/**
 * Version 7: counts without a row that everybody waits for. Each transaction that changes an image appends to
 * `count_change` what it changes of the counts, and touches no row of anybody else. `count_fold` has one row: whoever
 * changes it may bring changes into `batch_count` and `tag_count` (`fold-counts.ts`). A count is what stands there and
 * what is not folded in yet, together.
 *
 * `kind` is `batch`, `tag` or `category`; `name` is the batch or the tag, and `status` is empty but for batches. A
 * change of batch '' belongs to no batch and is counted under all images only.
 */
export function versionSeven({ type, keyedTable }: Dialect): string[] {
  return [
    `CREATE TABLE count_change (
      change_id ${type.key(36)} NOT NULL,
      part ${type.int} NOT NULL,
      kind ${type.key(10)} NOT NULL,
      name ${type.key(LIMITS.batchId)} NOT NULL,
      status ${type.key(20)} NOT NULL,
      images ${type.int} NOT NULL,
      faces ${type.int} NOT NULL,
      changes ${type.int} NOT NULL,
      latest ${type.key(30)} NOT NULL,
      CONSTRAINT pk_count_change PRIMARY KEY (change_id, part)
    )${keyedTable}`,
    'CREATE INDEX ix_count_change_name ON count_change (kind, name)',
    `CREATE TABLE count_fold (
      id ${type.int} NOT NULL CONSTRAINT pk_count_fold PRIMARY KEY,
      folds ${type.int} NOT NULL
    )${keyedTable}`,
    'INSERT INTO count_fold (id, folds) VALUES (1, 0)',
  ];
}
