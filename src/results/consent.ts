import type { Database, Dialect, Row, Session } from '../database/database.ts';
import { int, join, json, raw, type Sql, sql, text } from '../database/sql.ts';
import type { Consent } from '../domain/consent.ts';
import type { Clock } from '../domain/ports.ts';
import type { KeepSuggestionsOfJob, Suggestion } from '../domain/suggestion.ts';
import { uncountedChange } from './count-changes.ts';
import { markDirty, markProposed } from './dirty.ts';
import { behind } from './keyset.ts';
import { removePairs } from './pairs.ts';

/** Images that are looked at at once, and changed in one transaction. */
const AT_ONCE = 25;

/** Columns of a row that say on what terms its image may be processed. */
export const consentColumns = (consent: Consent | undefined): [string, Sql['parameters'][number]][] => [
  ['purpose', text(consent?.purpose)],
  ['legal_basis', text(consent?.legalBasis)],
  ['expires', text(consent?.expires)],
  ['do_not_match', int(consent?.doNotMatch ? 1 : 0)],
];

export interface ConsentOptions {
  /** Ids of images whose own message forbids matching, whatever is said of the batch. */
  readonly refused?: readonly string[];
  /** Of the steps there are: what `job_output` holds is theirs to know. */
  readonly keepSuggestions: KeepSuggestionsOfJob;
}

/**
 * Writes what is said of a batch to all of its rows, and where it may not be matched takes its faces out of every
 * possible match, out of what other images' outputs say as well.
 *
 * @returns rows of the batch
 */
export async function applyConsent(
  database: Database,
  batchId: string,
  consent: Consent,
  { refused = [], keepSuggestions }: ConsentOptions,
  now: Clock,
): Promise<number> {
  const assignments = consentColumns(consent).map(([name, value]) => ({
    parts: [`${name} = `, ''],
    parameters: [value],
  }));
  const rows = await walkBatch(database, batchId, 'id', async (session, page) => {
    const list = join(
      page.map(({ id }) => text(id as string)),
      ', ',
    );
    // What was put forward by hand follows from this, whether its faces stand in a pair or not.
    await session.run(markProposed(list, new Date(now()).toISOString()));
    return session.run([
      sql`UPDATE pipeline_output SET ${join(assignments, ', ')} WHERE batch_id = ${text(batchId)} AND id IN (${list})`,
    ]);
  });
  for (const id of refused)
    await database.write((session) =>
      session.run([
        ...markProposed(sql`${text(id)}`, new Date(now()).toISOString()),
        sql`UPDATE pipeline_output SET do_not_match = 1 WHERE id = ${text(id)}`,
      ]),
    );
  // Only now, so that a pair which is written from here on sees it: see `PairChanges`.
  if (!consent.doNotMatch) return rows;
  const columns = `id, CASE WHEN EXISTS (SELECT 1 FROM face f WHERE f.image_id = o.id AND f.enrolled = 1)
    OR EXISTS (SELECT 1 FROM face_match m WHERE m.image_a = o.id)
    OR EXISTS (SELECT 1 FROM face_match m WHERE m.image_b = o.id) THEN 1 ELSE 0 END AS paired`;
  // Once more until there is none: who was being saved meanwhile may have been passed already.
  for (let found = 1; found > 0; ) {
    found = await walkBatch(database, batchId, columns, async (session, page) => {
      const paired = page.filter(({ paired }) => paired === 1).map(({ id }) => id as string);
      await withdraw(session, database.dialect, paired, keepSuggestions, now());
      return paired.length;
    });
  }
  return rows;
}

/**
 * Goes through the rows of a batch, some in each transaction, so that neither the database nor this process is kept from
 * everything else by a large batch.
 *
 * @param columns what `each` is given of a row
 * @returns the sum of what `each` returns
 */
async function walkBatch(
  database: Database,
  batchId: string,
  columns: string,
  each: (session: Session, page: readonly Row[]) => Promise<number>,
): Promise<number> {
  let sum = 0;
  for (let after: Row | undefined; ; ) {
    const from = after && { finishedAt: after.timestamp as string, id: after.id as string };
    const conditions = [sql`batch_id = ${text(batchId)}`, ...(from ? [behind(from)] : [])];
    const [page = []] = await database.read([
      sql`SELECT [timestamp], ${raw(columns)} FROM pipeline_output o WHERE ${join(conditions, ' AND ')}
        ORDER BY [timestamp], id${database.dialect.limit(AT_ONCE)}`,
    ]);
    if (page.length > 0) sum += await database.write((session) => each(session, page));
    if (page.length < AT_ONCE) return sum;
    after = page.at(-1);
  }
}

/** Takes images out of all possible matches; their rows and their faces stay. */
async function withdraw(
  session: Session,
  dialect: Dialect,
  ids: readonly string[],
  keepSuggestions: KeepSuggestionsOfJob,
  now: number,
): Promise<void> {
  if (ids.length === 0) return;
  const list = join(ids.map(text), ', ');
  const sets = await session.read([
    sql`SELECT image_b AS other FROM face_match WHERE image_a IN (${list})`,
    sql`SELECT image_a AS other FROM face_match WHERE image_b IN (${list})`,
  ]);
  const own = new Set(ids);
  const others = new Set(
    sets
      .flat()
      .map(({ other }) => other as string)
      .filter((other) => !own.has(other)),
  );
  // Locked before they are read, in one order: their own jobs, or an erasure, may be writing them.
  for (const one of [...own, ...others].sort()) {
    await session.run([sql`UPDATE pipeline_output SET run = run WHERE id = ${text(one)}`]);
  }
  for (const id of own) await rewriteSuggestions(session, id, keepSuggestions, () => false);
  for (const other of others)
    await rewriteSuggestions(session, other, keepSuggestions, ({ otherImage }) => !own.has(otherImage ?? ''));
  const at = new Date(now).toISOString();
  await session.run([
    ...ids.map((id) => markDirty(id, at)),
    ...ids.flatMap(removePairs),
    sql`UPDATE face SET enrolled = 0 WHERE image_id IN (${list})`,
    ...uncountedChange(at, dialect),
  ]);
}

/** The outputs in a row, with only those suggestions that `keep` lets stand. */
async function rewriteSuggestions(
  session: Session,
  id: string,
  keepSuggestions: KeepSuggestionsOfJob,
  keep: (suggestion: Suggestion) => boolean,
): Promise<void> {
  const [rows] = await session.read([sql`SELECT job_output FROM pipeline_output WHERE id = ${text(id)}`]);
  const stored = rows?.[0]?.job_output;
  if (typeof stored !== 'string') return;
  const outputs = JSON.parse(stored) as Record<string, unknown>;
  const left = keepSuggestions(outputs, keep);
  if (left === outputs) return;
  await session.run([sql`UPDATE pipeline_output SET job_output = ${json(left)} WHERE id = ${text(id)}`]);
}
