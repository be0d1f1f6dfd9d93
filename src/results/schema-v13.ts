import type { Dialect } from '../database/database.ts';

/**
 * Version 13: undecided pairs are counted, and walked by review, in an index that also tells those of enquiries apart:
 * however many of them there are, nobody has to look past them, and nothing is read but the index.
 */
export function versionThirteen({ name }: Dialect): string[] {
  return [
    'CREATE INDEX ix_match_undecided ON face_match (enquiry, verdict, confidence, face_a, face_b)',
    name === 'sqlite' ? 'DROP INDEX ix_match_review' : 'DROP INDEX ix_match_review ON face_match',
  ];
}
