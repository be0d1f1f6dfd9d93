import { chunksOf, listOf } from '../database/chunks.ts';
import type { Database } from '../database/database.ts';
import { sql } from '../database/sql.ts';
import { placeOf } from './face-place.ts';
import type { FacePlace } from './pair-view.ts';

/** Faces that have a row, in no order. */
export async function readFaces(database: Database, keys: readonly string[]): Promise<FacePlace[]> {
  const places: FacePlace[] = [];
  for (const some of chunksOf(keys)) {
    const [rows = []] = await database.read([
      sql`SELECT f.face_key, f.image_id, f.rect_left, f.rect_top, f.rect_width, f.rect_height, f.crop,
          o.image_url, o.batch_id, o.width, o.height
        FROM face f JOIN pipeline_output o ON o.id = f.image_id WHERE f.face_key IN (${listOf(some)})`,
    ]);
    places.push(...rows.map(placeOf));
  }
  return places;
}
