import type { Session } from '../database/database.ts';
import { type Parameter, raw, sql, text } from '../database/sql.ts';
import { PeopleRefusedError } from './errors.ts';

/**
 * Whether what is to be made under an id is there already: whoever chose the id did not get the answer, and asks again.
 *
 * @param said columns and what is said in them; of a column that comes twice the last counts
 * @throws {PeopleRefusedError} IdTaken where something else has the id
 */
export async function isThere(
  session: Pick<Session, 'read'>,
  { table, key, id }: { table: string; key: string; id: string },
  said: readonly (readonly [column: string, value: Parameter])[],
): Promise<boolean> {
  const columns = new Map(said);
  const [rows] = await session.read([
    sql`SELECT ${raw([...columns.keys()].join(', '))} FROM ${raw(table)} WHERE ${raw(key)} = ${text(id)}`,
  ]);
  const [row] = rows ?? [];
  if (row === undefined) return false;
  for (const [column, { value }] of columns) if (row[column] !== value) throw idTaken();
  return true;
}

/** To whoever asks under an id that something else has, or that was used with other words. */
export const idTaken = () =>
  new PeopleRefusedError(
    'IdTaken',
    'This was made before under the same id, by somebody else or with other words: look for it, and change it there. For something new choose another id; on the page, close the form and open it again.',
  );
