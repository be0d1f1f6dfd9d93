import type { Session } from '../database/database.ts';
import { raw, sql } from '../database/sql.ts';
import { IMAGE_TABLES, OTHER_TABLES } from './tables.ts';

/** Every image's row goes last, and is counted. */
const EMPTIED = [...IMAGE_TABLES, ...OTHER_TABLES.filter(({ cleared }) => cleared)].filter(
  ({ name }) => name !== 'pipeline_output',
);

/**
 * Removes every image and all that belongs to it, what people decided about pairs included. The counts of all images
 * stay, at none, for the sum of their changes must not fall back to one that was seen before.
 *
 * @returns how many images there were
 */
export async function clearAll(session: Session): Promise<number> {
  await session.run([
    ...EMPTIED.map(({ name }) => sql`DELETE FROM ${raw(name)}`),
    sql`DELETE FROM batch_count WHERE batch_id <> ''`,
    sql`UPDATE batch_count SET images = 0, faces = 0, changes = changes + 1`,
  ]);
  return session.run([sql`DELETE FROM pipeline_output`]);
}
