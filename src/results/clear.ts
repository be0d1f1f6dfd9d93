import type { Database } from '../database/database.ts';
import { raw, sql } from '../database/sql.ts';
import { uncountedChange } from './count-changes.ts';
import { foldCounts, foldSome } from './fold-counts.ts';
import { recount } from './recount.ts';
import { IMAGE_TABLES, OTHER_TABLES } from './tables.ts';

/** Every image's row goes last, and is counted. */
const EMPTIED = [...IMAGE_TABLES, ...OTHER_TABLES.filter(({ cleared }) => cleared)].filter(
  ({ name }) => name !== 'pipeline_output',
);

/**
 * Removes every image and all that belongs to it, what people decided about pairs included. The counts of all images
 * stay, at none, for the sum of their changes must not fall back to one that was seen before.
 *
 * @param at ISO 8601 in UTC with milliseconds
 * @returns how many images there were
 */
export async function clearAll(database: Database, at: string): Promise<number> {
  const { dialect } = database;
  const cleared = await database.write(async (session) => {
    await session.run(uncountedChange(at, dialect));
    // From here on nobody else may fold changes into the counts, which are emptied next.
    while ((await foldSome(session, dialect)) > 0);
    await session.run([
      ...EMPTIED.map(({ name }) => sql`DELETE FROM ${raw(name)}`),
      sql`DELETE FROM batch_count WHERE batch_id <> ''`,
      // What somebody had erased is not brought back by whoever begins anew.
      sql`DELETE FROM pfif_record WHERE state <> 'erased'`,
      sql`UPDATE batch_count SET images = 0, faces = 0`,
    ]);
    return session.run([sql`DELETE FROM pipeline_output`]);
  });
  // Whatever is saved between these statements is still counted.
  await recount(database);
  await foldCounts(database);
  return cleared;
}
