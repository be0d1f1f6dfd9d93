import type { Database } from '../../src/database/database.ts';
import { sql, text } from '../../src/database/sql.ts';
import type { People } from '../../src/people/people.ts';
import { imageId } from './build-faces.ts';

/** Groups that are looked at beside the large one. */
const SAMPLE = 50;

/**
 * Solves the large group and some of the others, and looks whether that changes anything: they were filled in, not solved.
 *
 * @throws where it does
 */
export async function checkGroups(
  database: Database,
  people: People,
  { faces, group }: { faces: number; group: number },
): Promise<void> {
  const others = faces - group;
  const sample = Array.from(
    { length: Math.min(SAMPLE, others) },
    (_, n) => group + Math.floor((n * others) / SAMPLE),
  );
  const images = [0, ...sample].map(imageId);
  const before = await stateOf(database);
  await database.write((session) =>
    session.run(
      images.map(
        (id) =>
          sql`INSERT INTO people_dirty (mark, image_id, marked_at) VALUES (${text('check')}, ${text(id)}, ${text('')})`,
      ),
    ),
  );
  await people.settleAll();
  if ((await stateOf(database)) !== before)
    throw new Error('Solving makes other groups than those of the set.');
}

/** Sums that change with any row: of all groups, what is in them and what they go by. */
async function stateOf(database: Database): Promise<string> {
  const sets = await database.read([
    sql`SELECT COUNT(*) AS rows_in_all, COUNT(DISTINCT group_id) AS groups, COUNT(DISTINCT component_id) AS components,
      COUNT(DISTINCT solid_id) AS solids, SUM(contested) AS contested FROM face_group`,
    sql`SELECT COUNT(*) AS rows_in_all, SUM(faces) AS faces, SUM(decided) AS decided FROM people_group`,
    sql`SELECT group_id, group_key, faces, lead_face FROM people_group WHERE batch_id = 'large'`,
    sql`SELECT face_key, component_id, group_id, solid_id FROM face_group WHERE batch_id IN ('large', 'batch-0') ORDER BY face_key`,
  ]);
  return JSON.stringify(sets);
}
