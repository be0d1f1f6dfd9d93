import { randomUUID } from 'node:crypto';
import type { Database } from '../database/database.ts';
import { int, raw, type Sql, sql, text } from '../database/sql.ts';
import { ALL, NAMED } from './count-changes.ts';
import { takeTurn } from './fold-counts.ts';
import { recountSteps } from './recount-steps.ts';
import type { Recounted } from './recounted.ts';

type Key = Pick<Recounted, 'name' | 'status'> & { kind: Exclude<Recounted['kind'], 'step'> };

/**
 * What the images say, less what the counts say: nothing where they agree. One statement, so that one snapshot answers
 * it, whatever is saved meanwhile.
 *
 * @param only this one; all without it
 */
function differences(kind: Key['kind'], all: boolean, only?: Key): Sql {
  const of = (column: string, value: string | undefined) =>
    value === undefined ? raw('') : sql` AND ${raw(column)} = ${text(value)}`;
  if (kind !== 'batch') {
    return sql`SELECT name, '' AS status, SUM(images) AS images, 0 AS faces, '' AS latest FROM (
      SELECT name, COUNT(*) AS images FROM ${raw(`image_${kind}`)} WHERE 1 = 1${of('name', only?.name)} GROUP BY name
      UNION ALL SELECT name, -images FROM tag_count WHERE kind = ${text(kind)}${of('name', only?.name)}
      UNION ALL SELECT name, -images FROM count_change WHERE kind = ${text(kind)}${of('name', only?.name)}) c
      GROUP BY name`;
  }
  const name = all ? sql`${text(ALL)}` : undefined;
  const batch = (column: string) => name ?? raw(column);
  const counted = all
    ? sql`batch_id = ${text(ALL)}`
    : sql`batch_id <> ${text(ALL)}${of('batch_id', only?.name)}`;
  const changed = all ? raw('') : sql` AND name <> ${text(ALL)}${of('name', only?.name)}`;
  const status = of('status', only?.status);
  return sql`SELECT name, status, SUM(images) AS images, SUM(faces) AS faces, MAX(latest) AS latest FROM (
    SELECT ${batch('batch_id')} AS name, status, COUNT(*) AS images, SUM(face_count) AS faces, MAX([timestamp]) AS latest FROM pipeline_output
      WHERE 1 = 1${all ? raw('') : of('batch_id', only?.name)}${status} GROUP BY ${all ? raw('status') : raw('batch_id, status')}
    UNION ALL SELECT ${batch('batch_id')}, status, -images, -faces, latest FROM batch_count WHERE ${counted}${status}
    UNION ALL SELECT ${batch('name')}, status, -images, -faces, latest FROM count_change WHERE kind = 'batch'${changed}${status}) c
    GROUP BY name, status`;
}

const WRONG = raw(' HAVING SUM(images) <> 0');
const WRONG_BATCH = raw(' HAVING SUM(images) <> 0 OR SUM(faces) <> 0');

/**
 * Counts the images and corrects the counts where they say otherwise: what older programs lost, or somebody's own
 * statements. A correction is appended like any other change, so saves go on. Where the database gives no snapshots, a
 * save in passing can look like a difference: only one that is found a second time, in the same size, is corrected.
 *
 * @returns what was corrected
 */
export async function recount(database: Database): Promise<Recounted[]> {
  const corrected: Recounted[] = [];
  // All images together come last, for a correction of a batch counts there too.
  for (const [kind, all] of [
    ...NAMED.map((kind) => [kind, false] as const),
    ['batch', false],
    ['batch', true],
  ] as const) {
    const wrong = kind === 'batch' ? WRONG_BATCH : WRONG;
    const [rows = []] = await survey(database, [sql`${differences(kind, all)}${wrong}`]);
    for (const row of rows) {
      const found = {
        kind,
        name: row.name as string,
        status: row.status as string,
        images: Number(row.images),
        faces: Number(row.faces),
      };
      if (await correct(database, found, all)) corrected.push(found);
    }
  }
  corrected.push(...(await recountSteps(database, survey)));
  return corrected;
}

/** Two who recount at once take turns: the second finds the first one's correction, and no difference. */
function correct(database: Database, found: Recounted & Key, all: boolean): Promise<boolean> {
  const { kind, name, status, images, faces } = found;
  return database.write(async (session) => {
    await session.run([takeTurn]);
    const added = await session.run([
      sql`INSERT INTO count_change (change_id, part, kind, name, status, images, faces, changes, latest)
        SELECT ${text(randomUUID())}, 0, ${text(kind)}, ${text(name)}, ${text(status)}, images, faces, 1, latest
        FROM (${differences(kind, all, { kind, name, status })}) d WHERE images = ${int(images)} AND faces = ${int(faces)}`,
    ]);
    return added > 0;
  });
}

const survey = (database: Database, statements: readonly Sql[]) =>
  database.survey ? database.survey(statements) : database.read(statements);
