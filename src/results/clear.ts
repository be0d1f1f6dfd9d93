import type { Session } from '../database/database.ts';
import { raw, sql } from '../database/sql.ts';

const TABLES = [
  'bulk_item',
  'bulk_act',
  'match_decision',
  'face_match',
  'image_step',
  'image_warning',
  'image_tag',
  'image_category',
  'image_word',
  'face',
  'tag_count',
];

/**
 * Removes every image and all that belongs to it, what people decided about pairs included. The counts of all images
 * stay, at none, for the sum of their changes must not fall back to one that was seen before.
 *
 * @returns how many images there were
 */
export async function clearAll(session: Session): Promise<number> {
  await session.run([
    ...TABLES.map((table) => sql`DELETE FROM ${raw(table)}`),
    sql`DELETE FROM batch_count WHERE batch_id <> ''`,
    sql`UPDATE batch_count SET images = 0, faces = 0, changes = changes + 1`,
  ]);
  return session.run([sql`DELETE FROM pipeline_output`]);
}
