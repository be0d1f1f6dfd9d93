import type { Database } from '../database/database.ts';
import { raw, sql } from '../database/sql.ts';
import { uncountedChange } from './count-changes.ts';
import { foldCounts, foldSome } from './fold-counts.ts';
import { recount } from './recount.ts';

const TABLES = [
  'match_decision',
  'face_match',
  'image_step',
  'image_warning',
  'image_tag',
  'image_category',
  'image_word',
  'face',
] as const;

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
    await session.run(TABLES.map((table) => sql`DELETE FROM ${raw(table)}`));
    const images = await session.run([sql`DELETE FROM pipeline_output`]);
    await session.run(uncountedChange(at, dialect));
    while ((await foldSome(session, dialect)) > 0);
    await session.run([
      sql`DELETE FROM tag_count`,
      sql`DELETE FROM batch_count WHERE batch_id <> ''`,
      sql`UPDATE batch_count SET images = 0, faces = 0`,
    ]);
    return images;
  });
  // What was saved in between is counted, whichever of these statements came before it.
  await recount(database);
  await foldCounts(database);
  return cleared;
}
