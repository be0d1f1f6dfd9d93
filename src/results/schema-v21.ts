import type { Dialect } from '../database/database.ts';
import { LIMITS } from './limits.ts';

/**
 * Version 21: `faceprint_look` names images whose enrolled faces are to be looked at when `due_at` has come, in a night on
 * which FACEPRINT_RETENTION_DAYS counts: see `faceprint-looks.ts`. A note is a row of its own each time, and `claimed` says which
 * night is at it: that one removes what it has claimed and never what was noted since.
 */
export function versionTwentyOne({ type, keyedTable }: Dialect): string[] {
  const uuid = type.key(36);
  return [
    `CREATE TABLE faceprint_look (
      image_id ${type.key(LIMITS.id)} NOT NULL,
      mark ${uuid} NOT NULL,
      due_at ${type.key(30)} NOT NULL,
      claimed ${uuid} NULL,
      CONSTRAINT pk_faceprint_look PRIMARY KEY (image_id, mark)
    )${keyedTable}`,
    'CREATE INDEX ix_faceprint_look_due ON faceprint_look (due_at)',
    'CREATE INDEX ix_faceprint_look_claimed ON faceprint_look (claimed, image_id)',
  ];
}
