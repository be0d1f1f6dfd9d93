import type { Database, Dialect, Session } from '../database/database.ts';
import { int, join, raw, type Sql, sql, text } from '../database/sql.ts';
import { ALL, NAMED } from './count-changes.ts';

/** Changes folded in by one transaction: bounds what it locks, and for how long. */
const AT_ONCE = 100;

/** Makes everybody wait who also wants to change `batch_count`, `tag_count` or `step_count`, until this transaction ends. */
export const takeTurn = sql`UPDATE count_fold SET folds = folds + 1 WHERE id = 1`;

/**
 * Brings what `count_change` holds into `batch_count`, `tag_count` and `step_count`, a few changes at a time. Those that are appended
 * meanwhile may be left for the next.
 */
export async function foldCounts(database: Database): Promise<void> {
  const oldest = sql`SELECT change_id FROM count_change ORDER BY change_id, part${database.dialect.limit(1)}`;
  for (;;) {
    // Most of the time there is nothing, and nobody's turn is taken for that.
    const [waiting] = await database.read([oldest]);
    if (waiting?.length === 0) return;
    const folded = await database.write((session) => foldSome(session, database.dialect));
    if (folded < AT_ONCE) return;
  }
}

/**
 * One step of it: everything in one transaction, alone. A change is never altered once it is committed, and taken away
 * here only, so what is read by its id is what is removed by its id, whatever others append in between.
 *
 * @returns changes folded in
 */
export async function foldSome(session: Session, dialect: Dialect): Promise<number> {
  await session.run([takeTurn]);
  const [rows = []] = await session.read([
    sql`SELECT change_id FROM count_change WHERE part = 0 ORDER BY change_id${dialect.limit(AT_ONCE)}`,
  ]);
  if (rows.length === 0) return 0;
  const ids = join(
    rows.map(({ change_id }) => text(change_id as string)),
    ', ',
  );
  const [batches = [], names = []] = await session.read([
    sql`SELECT name, status, SUM(images) AS images, SUM(faces) AS faces, SUM(changes) AS changes, MAX(latest) AS latest
      FROM count_change WHERE kind = 'batch' AND change_id IN (${ids}) GROUP BY name, status`,
    sql`SELECT kind, name, SUM(images) AS images FROM count_change WHERE kind IN ('tag', 'category') AND change_id IN (${ids}) GROUP BY kind, name`,
  ]);
  await session.run([
    ...batches.flatMap((row) => {
      const status = text(row.status as string);
      const own = row.name === ALL ? [] : [row.name as string];
      return [ALL, ...own].flatMap((name) => {
        const batch = text(name);
        const [images, faces, changes] = [row.images, row.faces, row.changes].map((sum) => int(Number(sum)));
        const latest = text(row.latest as string);
        if (!images || !faces || !changes) return [];
        const same = sql`batch_id = ${batch} AND status = ${status}`;
        return [
          sql`UPDATE batch_count SET images = images + ${images}, faces = faces + ${faces}, changes = changes + ${changes},
            latest = CASE WHEN latest < ${latest} THEN ${latest} ELSE latest END WHERE ${same}`,
          sql`INSERT INTO batch_count (batch_id, status, images, faces, changes, latest)
            SELECT ${batch}, ${status}, ${images}, ${faces}, ${changes}, ${latest}
            WHERE NOT EXISTS (SELECT 1 FROM batch_count WHERE ${same})`,
          // A count of none would keep the name of the batch. Less than none waits for a change that is not folded in yet.
          sql`DELETE FROM batch_count WHERE ${same} AND batch_id <> ${text(ALL)} AND images = 0 AND faces = 0`,
        ];
      });
    }),
    ...names.flatMap((row) => {
      const images = int(Number(row.images));
      const kind = text(row.kind as string);
      const name = text(row.name as string);
      const same = sql`kind = ${kind} AND name = ${name}`;
      return [
        sql`UPDATE tag_count SET images = images + ${images} WHERE ${same}`,
        sql`INSERT INTO tag_count (kind, name, images) SELECT ${kind}, ${name}, ${images}
          WHERE NOT EXISTS (SELECT 1 FROM tag_count WHERE ${same})`,
      ];
    }),
    ...NAMED.map((kind) => sql`DELETE FROM tag_count WHERE kind = ${text(kind)} AND images = 0`),
    ...foldSteps(ids),
    sql`DELETE FROM count_change WHERE change_id IN (${ids})`,
    // The row would keep the name of a batch that is gone. One that was set apart stays so until that is taken back.
    sql`DELETE FROM group_scope WHERE apart = 0 AND batch_id <> ${text(ALL)}
      AND NOT EXISTS (SELECT 1 FROM batch_count b WHERE b.batch_id = group_scope.batch_id)`,
  ]);
  return rows.length;
}

/** Some hundred rows at once, so set by set: of all images together, then of each batch. */
function foldSteps(ids: Sql): Sql[] {
  const some = sql`kind = 'step' AND change_id IN (${ids})`;
  const same = raw(
    'step_count.batch_id = d.batch AND step_count.step = d.of_step AND step_count.state = d.ended AND step_count.code = d.why AND step_count.took = d.bucket',
  );
  const scopes = [
    { batch: sql`${text(ALL)}`, where: some, group: raw('') },
    { batch: raw('name'), where: sql`${some} AND name <> ${text(ALL)}`, group: raw('name, ') },
  ];
  return [
    ...scopes.flatMap(({ batch, where, group }) => {
      const sums = sql`SELECT ${batch} AS batch, step AS of_step, status AS ended, code AS why, took AS bucket,
        SUM(images) AS images, SUM(attempts) AS attempts, SUM(retries) AS retries
        FROM count_change WHERE ${where} GROUP BY ${group}step, status, code, took`;
      return [
        sql`UPDATE step_count SET images = step_count.images + d.images, attempts = step_count.attempts + d.attempts,
          retries = step_count.retries + d.retries FROM (${sums}) d WHERE ${same}`,
        sql`INSERT INTO step_count (batch_id, step, state, code, took, images, attempts, retries)
          SELECT d.batch, d.of_step, d.ended, d.why, d.bucket, d.images, d.attempts, d.retries FROM (${sums}) d
          WHERE NOT EXISTS (SELECT 1 FROM step_count WHERE ${same})`,
      ];
    }),
    // As above: a row of none would keep the name of a batch.
    sql`DELETE FROM step_count WHERE images = 0 AND attempts = 0 AND retries = 0
      AND (batch_id = ${text(ALL)} OR batch_id IN (SELECT name FROM count_change WHERE ${some}))`,
  ];
}
