import type { Database } from '../database/database.ts';
import { join, sql, text } from '../database/sql.ts';
import { placeOf } from './face-place.ts';
import type { FacePlace } from './pair-view.ts';

/** Keys in one statement. */
const AT_ONCE = 500;

/** Faces that have a row, in no order. */
export async function readFaces(database: Database, keys: readonly string[]): Promise<FacePlace[]> {
  const places: FacePlace[] = [];
  for (let start = 0; start < keys.length; start += AT_ONCE) {
    const list = join(keys.slice(start, start + AT_ONCE).map(text), ', ');
    const [rows] = await database.read([
      sql`SELECT f.face_key, f.image_id, f.rect_left, f.rect_top, f.rect_width, f.rect_height, f.crop,
          o.image_url, o.batch_id, o.width, o.height
        FROM face f JOIN pipeline_output o ON o.id = f.image_id WHERE f.face_key IN (${list})`,
    ]);
    places.push(...(rows ?? []).map(placeOf));
  }
  return places;
}
