import { raw, type Sql, sql, text } from './sql.ts';

/**
 * That a row comes after a position in a list of the newest first. Both databases find such rows by an index of the time
 * and the id; by an OR alone they would read and sort all that is older.
 *
 * @param columns of the time and of the id that tells rows of one moment apart
 */
export const olderThan = (
  [time, id]: readonly [string, string],
  after: { readonly at: string; readonly id: string },
): Sql =>
  sql`${raw(time)} <= ${text(after.at)} AND (${raw(time)} < ${text(after.at)} OR ${raw(id)} < ${text(after.id)})`;
