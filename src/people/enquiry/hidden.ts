import type { Database } from '../../database/database.ts';
import { raw, type Sql, sql, text } from '../../database/sql.ts';
import { reviewerOf, type Speaker } from './standing.ts';

/**
 * That a candidate waits for the second word, and this reader may be the one who says it: neither the first word nor
 * the score is for them. For candidates that something else finds, their enquiry say: by the index of those that wait,
 * all that wait would be read each time.
 *
 * @param reviewer as `reviewerOf` makes it
 * @param table alias of `candidate`
 */
export const hiddenFrom = (reviewer: string, table: string): Sql =>
  sql`(${raw(`${table}.second_look`)} <> 0 AND ${raw(`${table}.first_reviewer`)} <> ${text(reviewer)})`;

/** The same, for whoever looks for all that wait: found by their index. */
export const waitsForSecond = (reviewer: string, table: string): Sql =>
  sql`(${raw(`${table}.second_look`)} = 1 AND ${raw(`${table}.first_reviewer`)} <> ${text(reviewer)})`;

const MOST_COUNTED = 1000;

/** How many candidates wait for the second word of this reader, of enquiries that have not ended; counted up to 1,000. */
export async function countSecondLooks(
  database: Pick<Database, 'read' | 'dialect'>,
  reader: Speaker,
): Promise<number> {
  const [rows = []] = await database.read([
    sql`SELECT COUNT(*) AS found FROM (SELECT c.candidate_id FROM candidate c JOIN enquiry e ON e.enquiry_id = c.enquiry_id
      WHERE ${waitsForSecond(reviewerOf(reader), 'c')} AND e.ended IS NULL
      ORDER BY c.candidate_id${database.dialect.limit(MOST_COUNTED)}) waiting`,
  ]);
  return Number(rows[0]?.found ?? 0);
}
