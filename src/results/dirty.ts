import { randomUUID } from 'node:crypto';
import { raw, type Sql, sql, text } from '../database/sql.ts';

/**
 * Says that the groups of an image's faces may be others now, in the transaction that changes them and before it does.
 * Nothing where no group can be: then an arriving photograph that is like no other costs nothing.
 *
 * A mark is a row of its own each time: whoever solves removes those it has read, and never one that was set since.
 *
 * @param certain it will be like others
 */
export function markDirty(imageId: string, at: string, certain = false): Sql {
  const id = text(imageId);
  const mark = sql`INSERT INTO people_dirty (mark, image_id, marked_at) SELECT ${text(randomUUID())}, ${id}, ${text(at)}`;
  if (certain) return mark;
  return sql`${mark}
    WHERE EXISTS (SELECT 1 FROM face_match WHERE image_a = ${id}) OR EXISTS (SELECT 1 FROM face_match WHERE image_b = ${id})
      OR EXISTS (SELECT 1 FROM face_group WHERE image_id = ${id}) OR EXISTS (SELECT 1 FROM face_anchor WHERE image_id = ${id})`;
}

/** The same of those of some images of which a face was put forward as a candidate by hand, or stands beside one. */
export const markProposed = (images: Sql, at: string): Sql[] =>
  (['a', 'b'] as const).map(
    (side) => sql`INSERT INTO people_dirty (mark, image_id, marked_at)
      SELECT DISTINCT ${text(randomUUID())}, ${raw(`image_${side}`)}, ${text(at)} FROM decision
      WHERE ${raw(`image_${side}`)} IN (${images}) AND kind = 'propose'`,
  );

/**
 * The same of all images that hang together with one that is being removed, or have a pair with it, before it is: a bridge
 * that goes may split a group. Their groups go at once, for they may bear the name of a face of that image; whoever solves makes them again.
 */
export function dissolve(imageId: string, at: string): Sql[] {
  const id = text(imageId);
  return [
    sql`INSERT INTO people_dirty (mark, image_id, marked_at)
      SELECT DISTINCT ${text(randomUUID())}, other.image_id, ${text(at)} FROM face_group own
      JOIN face_group other ON other.component_id = own.component_id WHERE own.image_id = ${id} AND other.image_id <> ${id}`,
    ...(['a', 'b'] as const).map(
      (side) => sql`INSERT INTO people_dirty (mark, image_id, marked_at)
        SELECT DISTINCT ${text(randomUUID())}, ${raw(`image_${side === 'a' ? 'b' : 'a'}`)}, ${text(at)} FROM face_match
        WHERE ${raw(`image_${side}`)} = ${id}`,
    ),
    sql`DELETE FROM people_group WHERE group_key IN (SELECT group_id FROM face_group WHERE image_id = ${id})`,
  ];
}

/** Says that an image's faces are to be enrolled and searched for with another model than they were. */
export const markForModel = (imageId: string, at: string): Sql =>
  sql`INSERT INTO model_todo (mark, image_id, marked_at) VALUES (${text(randomUUID())}, ${text(imageId)}, ${text(at)})`;
