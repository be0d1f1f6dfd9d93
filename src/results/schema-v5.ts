import type { Dialect } from '../database/database.ts';
import { LIMITS } from './limits.ts';

/**
 * Version 5: `warnings`, what an image's row says beside "done", as JSON: `[{ code, message }]`, NULL where there is
 * nothing to say. `image_warning` is to it what `image_tag` is to `tagsJSON`: images are found by it, newest first.
 */
export function versionFive({ type, keyedTable }: Dialect): string[] {
  const id = type.key(LIMITS.id);
  return [
    `ALTER TABLE pipeline_output ADD warnings ${type.text} NULL`,
    `CREATE TABLE image_warning (
      image_id ${id} NOT NULL CONSTRAINT fk_image_warning_image REFERENCES pipeline_output (id) ON DELETE CASCADE,
      code ${type.key(LIMITS.code)} NOT NULL,
      [timestamp] ${type.key(30)} NOT NULL,
      CONSTRAINT pk_image_warning PRIMARY KEY (image_id, code)
    )${keyedTable}`,
    'CREATE INDEX ix_warning_code ON image_warning (code, timestamp, image_id)',
  ];
}
