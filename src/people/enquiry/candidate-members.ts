import { chunksOf, listOf } from '../../database/chunks.ts';
import type { Session } from '../../database/database.ts';
import { type Sql, sql, text } from '../../database/sql.ts';
import { RESERVED_RANGE } from '../../domain/enquiry-batch.ts';
import type { Member } from './make.ts';

/** Members of each candidate, in order of their keys: those of its group but for faces of enquiries, or the face that is alone. */
export async function membersOf(
  session: Pick<Session, 'read'>,
  candidates: readonly string[],
): Promise<Map<string, Member[]>> {
  const found = new Map<string, Member[]>();
  for (const some of chunksOf(candidates)) {
    const list = listOf(some);
    const [rows = [], alone = []] = await session.read([
      sql`SELECT c.candidate_id, g.face_key, g.image_id FROM candidate c JOIN face_group g ON g.group_id = c.group_id
          WHERE c.candidate_id IN (${list}) AND NOT (g.batch_id >= ${text(RESERVED_RANGE[0])} AND g.batch_id < ${text(RESERVED_RANGE[1])})
          ORDER BY g.face_key`,
      sql`SELECT candidate_id, best_face AS face_key, best_image AS image_id FROM candidate WHERE candidate_id IN (${list})`,
    ]);
    for (const row of rows) {
      const members = found.get(row.candidate_id as string) ?? [];
      members.push({ face: row.face_key as string, image: row.image_id as string });
      found.set(row.candidate_id as string, members);
    }
    for (const row of alone) {
      const id = row.candidate_id as string;
      if (!found.has(id)) found.set(id, [{ face: row.face_key as string, image: row.image_id as string }]);
    }
  }
  return found;
}

/** That a row of `candidate` is of the group in which this face of the archive is. */
export const hasFace = (face: string): Sql =>
  sql`group_id = COALESCE((SELECT g.group_id FROM face_group g WHERE g.face_key = ${text(face)}), ${text(face)})`;
