import type { Dialect } from '../database/database.ts';

/**
 * Version 6: spellings. `image_word.folded` is 1 for a form that stands in no text of the image but in which spellings of
 * a word meet (`fold.ts`): exact finds come before those. `words_version` says by which rules an image's words were
 * made; those of before are made again, a few at a time (`reindex.ts`).
 */
export function versionSix({ type }: Dialect): string[] {
  return [
    `ALTER TABLE image_word ADD folded ${type.int} NOT NULL CONSTRAINT df_word_folded DEFAULT 0`,
    `ALTER TABLE pipeline_output ADD words_version ${type.int} NOT NULL CONSTRAINT df_output_words_version DEFAULT 0`,
    'CREATE INDEX ix_output_words_version ON pipeline_output (words_version, id)',
  ];
}
