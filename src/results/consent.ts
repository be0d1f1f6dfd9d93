import type { Database, Dialect, Session } from '../database/database.ts';
import { int, join, json, type Sql, sql, text } from '../database/sql.ts';
import type { Consent } from '../domain/consent.ts';
import type { Clock } from '../domain/ports.ts';
import { uncountedChange } from './count-changes.ts';
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

/**
 * Writes what is said of a batch to all of its rows, and where it may not be matched takes its faces out of every
 * possible match, out of what other images' outputs say as well.
 *
 * @param refused ids of images whose own message forbids matching, whatever is said of the batch
 * @returns rows of the batch
 */
export async function applyConsent(
  database: Database,
  batchId: string,
  consent: Consent,
  refused: readonly string[],
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
      await database.write((session) => unmatch(session, database.dialect, id as string, now()));
  }
}

/** Takes an image out of all possible matches; its row and its faces stay. */
async function unmatch(session: Session, dialect: Dialect, id: string, now: number): Promise<void> {
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
  await rewriteMatches(session, id, () => false);
  for (const other of others) await rewriteMatches(session, other, (match) => match.id !== id);
  await session.run([
    ...removePairs(id),
    sql`UPDATE face SET enrolled = 0 WHERE image_id = ${image}`,
    ...uncountedChange(new Date(now).toISOString(), dialect),
  ]);
}

interface Suggestion {
  id?: unknown;
}

/** The outputs of `facematch` in a row, with only those suggestions that `keep` lets stand. */
async function rewriteMatches(
  session: Session,
  id: string,
  keep: (match: Suggestion) => boolean,
): Promise<void> {
  const [rows] = await session.read([sql`SELECT job_output FROM pipeline_output WHERE id = ${text(id)}`]);
  const stored = rows?.[0]?.job_output;
  if (typeof stored !== 'string') return;
  const output = JSON.parse(stored) as Record<string, unknown>;
  const left = withMatches(output, keep);
  if (left === output) return;
  await session.run([sql`UPDATE pipeline_output SET job_output = ${json(left)} WHERE id = ${text(id)}`]);
}

/** The outputs of a job with only those possible matches that `keep` lets stand; the same where that is all. */
export function withMatches(
  output: Record<string, unknown>,
  keep: (match: Suggestion & { batch_id?: unknown }) => boolean,
): Record<string, unknown> {
  const { matches } = (output.facematch ?? {}) as { matches?: unknown };
  if (!Array.isArray(matches)) return output;
  const kept = matches.filter(keep);
  if (kept.length === matches.length) return output;
  return { ...output, facematch: { ...(output.facematch as object), matches: kept } };
}
