import type { Dialect } from '../database/database.ts';
import { LIMITS } from './limits.ts';

/**
 * Version 23: `image_card` has what a list shows of an image, in one row, in the order of time: a page of a list lies together.
 * Out of the tables it is made of it is a dozen pages of the file for each image, for ids are in no order.
 *
 * Images of before have no card until it is made in passing (`cards.ts`), from the newest on: those finished before
 * `card_fill.below`, or then, may have none. Whoever shows an image without one reads the tables.
 */
export function versionTwentyThree({ type, keyedTable }: Dialect): string[] {
  return [
    `CREATE TABLE image_card (
      [timestamp] ${type.key(30)} NOT NULL,
      image_id ${type.key(LIMITS.id)} NOT NULL CONSTRAINT fk_image_card_image REFERENCES pipeline_output (id) ON DELETE CASCADE,
      card ${type.text} NOT NULL,
      CONSTRAINT pk_image_card PRIMARY KEY (timestamp, image_id)
    )${keyedTable}`,
    'CREATE INDEX ix_card_image ON image_card (image_id)',
    `CREATE TABLE card_fill (
      id ${type.int} NOT NULL CONSTRAINT pk_card_fill PRIMARY KEY,
      below ${type.key(30)} NOT NULL
    )${keyedTable}`,
    `INSERT INTO card_fill (id, below) SELECT 1, COALESCE(MAX([timestamp]), '') FROM pipeline_output`,
  ];
}
