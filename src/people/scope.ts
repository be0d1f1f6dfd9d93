import { randomUUID } from 'node:crypto';
import { chunksOf, listOf } from '../database/chunks.ts';
import type { Row, Session } from '../database/database.ts';
import { float, int, raw, sql, text } from '../database/sql.ts';
import type { Edge } from './groups.ts';
import { type Figures, type Threshold, thresholdAmong, thresholdOfBatch } from './threshold.ts';

/** The archive, where batches are named. */
export const ARCHIVE = '';

/** More than any confidence: never. */
const NEVER = 2;

interface Scope {
  threshold: number;
  apart: boolean;
}

/** Which edges count: how sure the machine must be, by where the two faces are. */
export class Scopes {
  readonly #scopes: ReadonlyMap<string, Scope>;

  constructor(scopes: ReadonlyMap<string, Scope>) {
    this.#scopes = scopes;
  }

  /** @param one batch of a face @param two of the other */
  counts({ confidence }: Pick<Edge, 'confidence'>, one: string, two: string): boolean {
    const least = (batch: string) => this.#scopes.get(batch)?.threshold ?? NEVER;
    if (one === two && confidence >= least(one)) return true;
    if (one !== two && (this.#scopes.get(one)?.apart || this.#scopes.get(two)?.apart)) return false;
    return confidence >= least(ARCHIVE);
  }
}

/** The scopes of some batches and of the archive; of those that have none yet they are made. */
export async function readScopes(
  session: Session,
  batches: Iterable<string>,
  figures: Figures,
): Promise<Scopes> {
  const wanted = new Set([ARCHIVE, ...batches]);
  const scopes = new Map<string, Scope>();
  for (const some of chunksOf(wanted)) {
    const [rows = []] = await session.read([
      sql`SELECT batch_id, threshold, apart FROM group_scope WHERE batch_id IN (${listOf(some)})`,
    ]);
    for (const row of rows) scopes.set(row.batch_id as string, toScope(row));
  }
  for (const batch of wanted) {
    if (scopes.has(batch)) continue;
    const threshold = thresholdOf(batch, await countFaces(session, batch), figures);
    await session.run([insert(batch, threshold, false)]);
    scopes.set(batch, { threshold: threshold.confidence ?? NEVER, apart: false });
  }
  return new Scopes(scopes);
}

const toScope = (row: Row): Scope => ({
  threshold: (row.threshold as number | null) ?? NEVER,
  apart: row.apart === 1,
});

const thresholdOf = (batch: string, faces: number, figures: Figures): Threshold =>
  batch === ARCHIVE ? thresholdAmong(faces, figures) : thresholdOfBatch(faces, figures);

const insert = (batch: string, { faces, confidence }: Threshold, apart: boolean) =>
  sql`INSERT INTO group_scope (batch_id, faces, threshold, apart)
    VALUES (${text(batch)}, ${int(faces)}, ${float(confidence)}, ${int(apart ? 1 : 0)})`;

async function countFaces(session: Session, batch: string): Promise<number> {
  const [rows] = await session.read([
    sql`SELECT SUM(faces) AS faces FROM batch_count WHERE batch_id = ${text(batch)}`,
  ]);
  return Number(rows?.[0]?.faces ?? 0);
}

/**
 * Brings the thresholds of these batches in line with their sizes, and marks the images whose edges count no longer, or
 * count now.
 *
 * @returns whether any has changed
 */
export async function rescope(
  session: Session,
  batches: Iterable<string>,
  figures: Figures,
  at: string,
): Promise<boolean> {
  let changed = false;
  for (const batch of new Set([ARCHIVE, ...batches])) {
    const [rows] = await session.read([
      sql`SELECT faces, threshold, apart FROM group_scope WHERE batch_id = ${text(batch)}`,
    ]);
    const row = rows?.[0];
    if (row === undefined) continue;
    const next = thresholdOf(batch, await countFaces(session, batch), figures);
    const before = toScope(row).threshold;
    const after = next.confidence ?? NEVER;
    if (next.faces === row.faces && before === after) continue;
    await session.run([
      sql`UPDATE group_scope SET faces = ${int(next.faces)}, threshold = ${float(next.confidence)} WHERE batch_id = ${text(batch)}`,
    ]);
    if (before === after) continue;
    const inBatch = batch === ARCHIVE ? raw('') : sql`o.batch_id = ${text(batch)} AND `;
    await session.run([
      sql`INSERT INTO people_dirty (mark, image_id, marked_at) SELECT ${text(randomUUID())}, o.id, ${text(at)}
        FROM pipeline_output o WHERE ${inBatch}EXISTS (SELECT 1 FROM face_match m WHERE m.image_a = o.id
          AND m.confidence >= ${float(Math.min(before, after))} AND m.confidence < ${float(Math.max(before, after))})`,
    ]);
    changed = true;
  }
  return changed;
}

/** Keeps the machine from joining faces of a batch with any outside: those of an enquiry are compared, never mixed in. */
export async function setApart(session: Session, batch: string, figures: Figures): Promise<void> {
  const changed = await session.run([sql`UPDATE group_scope SET apart = 1 WHERE batch_id = ${text(batch)}`]);
  if (changed > 0) return;
  await session.run([insert(batch, thresholdOf(batch, await countFaces(session, batch), figures), true)]);
}
