import type { Database, Dialect, Session } from '../database/database.ts';
import { int, join, json, type Sql, sql, text } from '../database/sql.ts';
import type { Consent } from '../domain/consent.ts';
import type { Clock } from '../domain/ports.ts';
import type { KeepSuggestionsOfJob, Suggestion } from '../domain/suggestion.ts';
import { uncountedChange } from './count-changes.ts';
import { markDirty } from './dirty.ts';
import { removePairs } from './pairs.ts';

/** Images whose pairs are taken out in one transaction. */
const AT_ONCE = 50;

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
  const batch = text(batchId);
  const assignments = consentColumns(consent).map(([name, value]) => ({
    parts: [`${name} = `, ''],
    parameters: [value],
  }));
  // First, so that a row which is written from here on sees it: see `replacePairs`.
  const rows = await database.write(async (session) => {
    const changed = await session.run([
      sql`UPDATE pipeline_output SET ${join(assignments, ', ')} WHERE batch_id = ${batch}`,
    ]);
    for (const id of refused)
      await session.run([sql`UPDATE pipeline_output SET do_not_match = 1 WHERE id = ${text(id)}`]);
    return changed;
  });
  if (!consent.doNotMatch) return rows;
  for (;;) {
    const [paired = []] = await database.read([
      sql`SELECT o.id FROM pipeline_output o WHERE o.batch_id = ${batch} AND (
          EXISTS (SELECT 1 FROM face f WHERE f.image_id = o.id AND f.enrolled = 1)
          OR EXISTS (SELECT 1 FROM face_match m WHERE m.image_a = o.id)
          OR EXISTS (SELECT 1 FROM face_match m WHERE m.image_b = o.id))
        ORDER BY o.id${database.dialect.limit(AT_ONCE)}`,
    ]);
    if (paired.length === 0) return rows;
    for (const { id } of paired)
      await database.write((session) =>
        withdraw(session, database.dialect, id as string, keepSuggestions, now()),
      );
  }
}

/** Takes an image out of all possible matches; its row and its faces stay. */
async function withdraw(
  session: Session,
  dialect: Dialect,
  id: string,
  keepSuggestions: KeepSuggestionsOfJob,
  now: number,
): Promise<void> {
  const image = text(id);
  const [asA = [], asB = []] = await session.read([
    sql`SELECT image_b AS other FROM face_match WHERE image_a = ${image}`,
    sql`SELECT image_a AS other FROM face_match WHERE image_b = ${image}`,
  ]);
  const others = new Set([...asA, ...asB].map(({ other }) => other as string));
  // Locked before they are read, in one order: their own jobs, or an erasure, may be writing them.
  for (const one of [id, ...others].sort()) {
    await session.run([sql`UPDATE pipeline_output SET run = run WHERE id = ${text(one)}`]);
  }
  await rewriteSuggestions(session, id, keepSuggestions, () => false);
  for (const other of others)
    await rewriteSuggestions(session, other, keepSuggestions, ({ otherImage }) => otherImage !== id);
  await session.run([
    markDirty(id, new Date(now).toISOString()),
    ...removePairs(id),
    sql`UPDATE face SET enrolled = 0 WHERE image_id = ${image}`,
    ...uncountedChange(new Date(now).toISOString(), dialect),
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
