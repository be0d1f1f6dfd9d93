import type { Dialect } from '../database/database.ts';
import { LIMITS } from './limits.ts';

/**
 * Version 11: acts on many images at once. `bulk_act` is one act as a person asked for it: `draft` until it is confirmed,
 * then `running`, at last `done` or `stopped`. `bulk_item` is exactly what it is about, in order: the job id of an image,
 * or where a dead letter is kept. Rejected images are found by their reason.
 */
export function versionEleven({ type, keyedTable }: Dialect): string[] {
  const time = type.key(30);
  const act = type.key(40);
  return [
    `CREATE TABLE bulk_act (
      id ${act} NOT NULL CONSTRAINT pk_bulk_act PRIMARY KEY,
      kind ${type.key(20)} NOT NULL,
      state ${type.key(20)} NOT NULL,
      asked_by ${type.text} NOT NULL,
      created_at ${time} NOT NULL,
      ended_at ${time} NULL,
      items ${type.int} NOT NULL,
      position ${type.int} NOT NULL,
      acted ${type.int} NOT NULL,
      detail ${type.text} NOT NULL,
      lease_until ${time} NULL
    )`,
    'CREATE INDEX ix_bulk_act_state ON bulk_act (state, created_at)',
    'CREATE INDEX ix_bulk_act_time ON bulk_act (created_at, id)',
    `CREATE TABLE bulk_item (
      act_id ${act} NOT NULL CONSTRAINT fk_bulk_item_act REFERENCES bulk_act (id) ON DELETE CASCADE,
      position ${type.int} NOT NULL,
      item ${type.key(LIMITS.bulkItem)} NOT NULL,
      CONSTRAINT pk_bulk_item PRIMARY KEY (act_id, position)
    )${keyedTable}`,
    'CREATE INDEX ix_bulk_item ON bulk_item (item)',
    'CREATE INDEX ix_output_reason ON pipeline_output (status, reason_code, timestamp, id)',
  ];
}
