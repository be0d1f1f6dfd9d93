import { GENESIS } from '../audit/entry.ts';
import type { Dialect } from '../database/database.ts';
import { LIMITS } from './limits.ts';

/**
 * Version 3: the person in the picture.
 *
 * `audit_entry` is added to and never changed: each entry holds the hash of the one before, which is unique, so that the
 * chain cannot fork; triggers refuse changes. `audit_head` has one row, the latest entry: its foreign key keeps that
 * entry from being cut off, and the table from being truncated.
 *
 * What an image's batch was told when it was admitted stands with the image: why it may be processed, on what ground,
 * until when, and whether its faces may be matched. `exif` holds the fields that KEEP_EXIF names, as JSON.
 */
export function versionThree({ type, keyedTable, appendOnly }: Dialect): string[] {
  const hash = type.key(64);
  return [
    `CREATE TABLE audit_entry (
      sequence ${type.int} NOT NULL CONSTRAINT pk_audit_entry PRIMARY KEY,
      entry_id ${type.key(36)} NOT NULL,
      recorded_at ${type.key(30)} NOT NULL,
      who ${type.key(256)} NOT NULL,
      action ${type.key(40)} NOT NULL,
      about ${type.text} NOT NULL,
      detail ${type.text} NOT NULL,
      previous_hash ${hash} NOT NULL,
      hash ${hash} NOT NULL
    )`,
    'CREATE UNIQUE INDEX ux_audit_previous ON audit_entry (previous_hash)',
    'CREATE UNIQUE INDEX ux_audit_id ON audit_entry (entry_id)',
    'CREATE INDEX ix_audit_action ON audit_entry (action, sequence)',
    ...appendOnly('audit_entry'),
    `CREATE TABLE audit_head (
      id ${type.int} NOT NULL CONSTRAINT pk_audit_head PRIMARY KEY,
      sequence ${type.int} NULL CONSTRAINT fk_audit_head_entry REFERENCES audit_entry (sequence),
      hash ${hash} NOT NULL
    )${keyedTable}`,
    `INSERT INTO audit_head (id, sequence, hash) VALUES (1, NULL, '${GENESIS}')`,

    `ALTER TABLE pipeline_output ADD purpose ${type.key(LIMITS.purpose)} NULL`,
    `ALTER TABLE pipeline_output ADD legal_basis ${type.key(LIMITS.purpose)} NULL`,
    `ALTER TABLE pipeline_output ADD expires ${type.key(30)} NULL`,
    `ALTER TABLE pipeline_output ADD do_not_match ${type.int} NOT NULL CONSTRAINT df_output_do_not_match DEFAULT 0`,
    `ALTER TABLE pipeline_output ADD exif ${type.text} NULL`,
    'CREATE INDEX ix_output_purpose ON pipeline_output (purpose, timestamp, id)',
    'CREATE INDEX ix_output_do_not_match ON pipeline_output (do_not_match, timestamp, id)',
    'CREATE INDEX ix_output_expires ON pipeline_output (expires, id)',
  ];
}
