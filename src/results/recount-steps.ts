import type { Database, Row } from '../database/database.ts';
import { raw, type Sql, sql, text } from '../database/sql.ts';
import { ALL, append, type StepChange } from './count-changes.ts';
import { takeTurn } from './fold-counts.ts';
import type { Recounted } from './recounted.ts';

type Survey = (database: Database, statements: readonly Sql[]) => Promise<Row[][]>;

const RETRIES = raw('SUM(CASE WHEN attempts > 1 THEN attempts - 1 ELSE 0 END)');

/**
 * What the images say of steps, less what the counts say of them; nothing where they agree.
 *
 * @param batch of this batch, '' for all images together; of each batch without it
 */
function differences(batch?: string): Sql {
  const all = batch === ALL;
  const of = (column: string) => (all ? sql`${text(ALL)}` : raw(column));
  const group = (column: string) => raw(all ? '' : `${column}, `);
  const only = (column: string) =>
    batch === undefined || all ? raw('') : sql` AND ${raw(column)} = ${text(batch)}`;
  const counted = all ? sql`batch_id = ${text(ALL)}` : sql`batch_id <> ${text(ALL)}${only('batch_id')}`;
  const changed = all ? raw('') : sql` AND name <> ${text(ALL)}${only('name')}`;
  return sql`SELECT name, step, status, code, took, SUM(images) AS images, SUM(attempts) AS attempts, SUM(retries) AS retries FROM (
    SELECT ${of('o.batch_id')} AS name, s.step AS step, s.state AS status, COALESCE(s.error_code, '') AS code, s.took AS took,
      COUNT(*) AS images, SUM(s.attempts) AS attempts, ${RETRIES} AS retries
      FROM image_step s JOIN pipeline_output o ON o.id = s.image_id WHERE 1 = 1${only('o.batch_id')}
      GROUP BY ${group('o.batch_id')}s.step, s.state, COALESCE(s.error_code, ''), s.took
    UNION ALL SELECT ${of('batch_id')}, '', status, COALESCE(reason_code, ''), took, COUNT(*), 0, 0
      FROM pipeline_output WHERE 1 = 1${only('batch_id')} GROUP BY ${group('batch_id')}status, COALESCE(reason_code, ''), took
    UNION ALL SELECT batch_id, step, state, code, took, -images, -attempts, -retries FROM step_count WHERE ${counted}
    UNION ALL SELECT ${of('name')}, step, status, code, took, -images, -attempts, -retries
      FROM count_change WHERE kind = 'step'${changed}) c
    GROUP BY name, step, status, code, took HAVING SUM(images) <> 0 OR SUM(attempts) <> 0 OR SUM(retries) <> 0`;
}

const toChange = (row: Row): StepChange => ({
  ...{ kind: 'step', name: String(row.name), status: String(row.status), faces: 0, changes: 0 },
  ...{ step: String(row.step), code: String(row.code), took: Number(row.took) },
  ...{ images: Number(row.images), attempts: Number(row.attempts), retries: Number(row.retries) },
});

/** As for batches: see `recount`. @param survey reads what takes long */
export async function recountSteps(database: Database, survey: Survey): Promise<Recounted[]> {
  const corrected: StepChange[] = [];
  // All images together come last, for a correction of a batch counts there too.
  for (const scope of [undefined, ALL]) {
    const [rows = []] = await survey(database, [differences(scope)]);
    for (const [batch, found] of Map.groupBy(rows.map(toChange), ({ name }) => name))
      corrected.push(...(await correct(database, batch, found)));
  }
  return corrected.map(({ kind, name, status, images, faces }) => ({ kind, name, status, images, faces }));
}

/** Two who recount at once take turns: the second finds the first one's correction, and no difference. */
function correct(database: Database, batch: string, found: readonly StepChange[]): Promise<StepChange[]> {
  const seen = new Set(found.map((change) => JSON.stringify(change)));
  return database.write(async (session) => {
    await session.run([takeTurn]);
    const [rows = []] = await session.read([differences(batch)]);
    const sure = rows.map(toChange).filter((change) => seen.has(JSON.stringify(change)));
    await session.run(append(sure, new Date(0).toISOString(), database.dialect));
    return sure;
  });
}
