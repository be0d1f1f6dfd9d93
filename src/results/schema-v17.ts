import type { Dialect } from '../database/database.ts';
import { NO_BUCKET } from '../domain/latency-bucket.ts';
import { LIMITS } from './limits.ts';

/**
 * Version 17: how steps ended and how long they took, counted like everything else (version 7): a save appends what it
 * changes to `count_change` as rows of kind `step`, and a fold brings them into `step_count`.
 *
 * `batch_id` is '' for all images together. `step` is '' for the image itself: `state` is then its status, `code` why it
 * was rejected, `took` the time from its admission to its first row. `code` is '' where there is none. `took` is a bucket
 * (`latency-bucket.ts`), -1 where the time is not known, as for whatever was saved before this version. `attempts` is a
 * sum over the images, `retries` that of those after the first.
 */
export function versionSeventeen({ type, name, keyedTable }: Dialect): string[] {
  const outcome = 'step, state, code, took';
  // Five columns are more than a clustered key of SQL Server holds, and less than its other keys do.
  const primary = name === 'sqlserver' ? 'PRIMARY KEY NONCLUSTERED' : 'PRIMARY KEY';
  const none = String(NO_BUCKET);
  const fill = (batch: string, group: string) => [
    `INSERT INTO step_count (batch_id, ${outcome}, images, attempts, retries)
      SELECT ${batch}, s.step, s.state, COALESCE(s.error_code, ''), ${none}, COUNT(*), SUM(s.attempts),
        SUM(CASE WHEN s.attempts > 1 THEN s.attempts - 1 ELSE 0 END)
      FROM image_step s JOIN pipeline_output o ON o.id = s.image_id GROUP BY ${group}s.step, s.state, COALESCE(s.error_code, '')`,
    `INSERT INTO step_count (batch_id, ${outcome}, images, attempts, retries)
      SELECT ${batch}, '', o.status, COALESCE(o.reason_code, ''), ${none}, COUNT(*), 0, 0
      FROM pipeline_output o GROUP BY ${group}o.status, COALESCE(o.reason_code, '')`,
  ];
  return [
    `ALTER TABLE image_step ADD took ${type.int} NOT NULL CONSTRAINT df_image_step_took DEFAULT ${none}`,
    `ALTER TABLE pipeline_output ADD took ${type.int} NOT NULL CONSTRAINT df_pipeline_output_took DEFAULT ${none}`,
    `ALTER TABLE count_change ADD step ${type.key(LIMITS.step)} NULL`,
    `ALTER TABLE count_change ADD code ${type.key(LIMITS.code)} NULL`,
    `ALTER TABLE count_change ADD took ${type.int} NULL`,
    `ALTER TABLE count_change ADD attempts ${type.int} NULL`,
    `ALTER TABLE count_change ADD retries ${type.int} NULL`,
    `CREATE TABLE step_count (
      batch_id ${type.key(LIMITS.batchId)} NOT NULL,
      step ${type.key(LIMITS.step)} NOT NULL,
      state ${type.key(20)} NOT NULL,
      code ${type.key(LIMITS.code)} NOT NULL,
      took ${type.int} NOT NULL,
      images ${type.int} NOT NULL,
      attempts ${type.int} NOT NULL,
      retries ${type.int} NOT NULL,
      CONSTRAINT pk_step_count ${primary} (batch_id, ${outcome})
    )${keyedTable}`,
    'CREATE INDEX ix_step_count_state ON step_count (state, step)',
    ...fill("''", ''),
    ...fill('o.batch_id', 'o.batch_id, '),
  ];
}
