import type { Session } from '../../database/database.ts';
import { join, raw, type Sql, sql, text } from '../../database/sql.ts';
import { enquiryBatch } from '../../domain/enquiry-batch.ts';
import { counting, type Decision } from '../decision.ts';
import { selectDecisions, toDecision } from '../decision-log.ts';

/** A face of the archive that somebody has put forward by hand, and the face of the enquiry that it is compared with. */
export interface Proposal {
  /** Of the decision in the log. */
  readonly id: string;
  readonly own: string;
  readonly ownImage: string;
  readonly other: string;
  readonly otherImage: string;
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly reason?: string;
}

/**
 * The proposals of an enquiry that count, in the order in which they were made, by the keys that faces have now. One whose photographs may
 * not be matched waits until they may, and one whose face is not who is sought until it is.
 */
export async function readProposals(session: Pick<Session, 'read'>, enquiry: string): Promise<Proposal[]> {
  const [rows = []] = await session.read([selectProposals(enquiry)]);
  return proposalsAmong(session, enquiry, rows.map(toDecision));
}

/** The statement by which they are found, where others are read with it. */
export const selectProposals = (enquiry: string): Sql =>
  selectDecisions(sql`enquiry_id = ${text(enquiry)} AND kind IN ('propose', 'undo')`);

/** @param log of the enquiry, in its order: what proposes, and what takes back */
export async function proposalsAmong(
  session: Pick<Session, 'read'>,
  enquiry: string,
  log: readonly Decision[],
): Promise<Proposal[]> {
  const made = counting(log).filter(({ kind }) => kind === 'propose');
  if (made.length === 0) return [];
  const named = (column: 'face' | 'image') =>
    join(
      ['a', 'b'].map(
        (side) =>
          sql`SELECT ${raw(`${column}_${side}`)} FROM decision WHERE enquiry_id = ${text(enquiry)} AND kind = 'propose'`,
      ),
      ' UNION ',
    );
  const [anchors = [], own = [], forbidden = [], out = []] = await session.read([
    sql`SELECT face_key, current_key FROM face_anchor WHERE face_key IN (${named('face')})`,
    sql`SELECT image_id AS id FROM enquiry_photo WHERE enquiry_id = ${text(enquiry)}
      UNION SELECT id FROM pipeline_output WHERE batch_id = ${text(enquiryBatch(enquiry))}`,
    sql`SELECT id FROM pipeline_output WHERE id IN (${named('image')}) AND do_not_match <> 0`,
    sql`SELECT face_key FROM enquiry_face WHERE enquiry_id = ${text(enquiry)} AND left_out = 1`,
  ]);
  const now = new Map(anchors.map((row) => [row.face_key as string, row.current_key as string]));
  const [ours, barred] = [own, forbidden].map((rows) => new Set(rows.map(({ id }) => id as string)));
  const leftOut = new Set(out.map(({ face_key }) => face_key as string));
  return made.flatMap(({ id, faces, images: [one = '', two = ''], by, at, reason }) => {
    const [a, b] = faces.map((face) => now.get(face) ?? face);
    if (a === undefined || b === undefined || barred?.has(one) || barred?.has(two)) return [];
    const sides = ours?.has(one)
      ? { own: a, ownImage: one, other: b, otherImage: two }
      : { own: b, ownImage: two, other: a, otherImage: one };
    if (leftOut.has(sides.own)) return [];
    return [{ id, ...sides, by, at, ...(reason !== undefined && { reason }) }];
  });
}

/**
 * Statements that find the enquiries for which one of these faces was put forward, whether that counts or not.
 *
 * @param keys by which the log knows them
 */
export const enquiriesProposedFor = (keys: Sql): Sql[] =>
  ['face_a', 'face_b'].map(
    (side) =>
      sql`SELECT DISTINCT enquiry_id FROM decision WHERE ${raw(side)} IN (${keys}) AND kind = 'propose'`,
  );
