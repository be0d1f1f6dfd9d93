import { raw, type Sql, sql, text } from '../../database/sql.ts';

/**
 * That a candidate waits for the second word, and this reader may be the one who says it: neither the first word nor
 * the score is for them.
 *
 * @param reviewer as `reviewerOf` makes it
 * @param table alias of `candidate`
 */
export const hiddenFrom = (reviewer: string, table: string): Sql =>
  sql`(${raw(`${table}.second_look`)} = 1 AND ${raw(`${table}.first_reviewer`)} <> ${text(reviewer)})`;
