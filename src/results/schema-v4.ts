import type { Dialect } from '../database/database.ts';

/**
 * Version 4: `erased_image`, what is left of an erased image: the hash of its id (`tombstone.ts`), the erasure, and when.
 * Every transaction that writes results looks here, for its own image and for each it matches.
 */
export function versionFour({ type, keyedTable }: Dialect): string[] {
  return [
    `CREATE TABLE erased_image (
      image_hash ${type.key(64)} NOT NULL CONSTRAINT pk_erased_image PRIMARY KEY,
      erasure ${type.key(64)} NOT NULL,
      erased_at ${type.key(30)} NOT NULL
    )${keyedTable}`,
  ];
}
