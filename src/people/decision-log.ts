import type { Row, Session } from '../database/database.ts';
import { olderThan } from '../database/keyset.ts';
import { float, int, raw, type Sql, sql, text } from '../database/sql.ts';
import { RESERVED_RANGE } from '../domain/enquiry-batch.ts';
import type { Decision, DecisionKind } from './decision.ts';
import { hiddenFrom } from './enquiry/hidden.ts';
import { reviewerOf, type Speaker } from './enquiry/standing.ts';
import { whoText } from './who-column.ts';

/** Longest reason that a person can give, in characters. */
const MAX_REASON = 2000;

/**
 * Adds a decision to the log, inside a transaction. One with this id that is there already is left as it is: the
 * transaction has run before, and its answer was lost.
 */
export async function appendDecision(session: Session, decision: Decision): Promise<void> {
  const { id, kind, faces, images, persons, candidateId, enquiryId, by, at } = decision;
  const [there] = await session.read([sql`SELECT decision_id FROM decision WHERE decision_id = ${text(id)}`]);
  if (there?.length === 1) return;
  await session.run([
    sql`INSERT INTO decision (decision_id, kind, face_a, face_b, image_a, image_b, person_a, person_b, candidate_id, enquiry_id,
        decided_by, decided_at, reason, score, model, blind, supersedes)
      VALUES (${text(id)}, ${text(kind)}, ${text(faces[0])}, ${text(faces[1])}, ${text(images[0])}, ${text(images[1])},
        ${text(persons[0])}, ${text(persons[1])}, ${text(candidateId)}, ${text(enquiryId)}, ${whoText(by)}, ${text(at)},
        ${text(decision.reason?.slice(0, MAX_REASON).toWellFormed())}, ${float(decision.score)}, ${text(decision.model?.slice(0, 128))},
        ${int(decision.blind ? 1 : 0)}, ${text(decision.supersedes)})`,
  ]);
}

export interface DecisionQuery {
  face?: string;
  image?: string;
  person?: string;
  candidateId?: string;
  enquiryId?: string;
  /** Who reads: what was decided of a candidate that waits for their word is left out. Everything where absent. */
  reader?: Speaker;
  /** Without what was decided about photographs of enquiries. */
  archiveOnly?: boolean;
  /** Keyset: those before this one, newest first. */
  after?: { at: string; id: string };
  limit: number;
}

/** Decisions, newest first. */
export async function readDecisions(
  session: Pick<Session, 'read'>,
  { face, image, person, candidateId, enquiryId, reader, archiveOnly, after, limit }: DecisionQuery,
  limited: (rows: number) => Sql,
): Promise<Decision[]> {
  const where: Sql[] = [];
  const either = (column: string, value: string | undefined) => {
    if (value !== undefined)
      where.push(sql`(${raw(`${column}_a`)} = ${text(value)} OR ${raw(`${column}_b`)} = ${text(value)})`);
  };
  either('face', face);
  either('image', image);
  either('person', person);
  if (candidateId !== undefined) where.push(sql`candidate_id = ${text(candidateId)}`);
  if (enquiryId !== undefined) where.push(sql`enquiry_id = ${text(enquiryId)}`);
  if (reader !== undefined)
    where.push(sql`NOT EXISTS (SELECT 1 FROM candidate c WHERE c.candidate_id = decision.candidate_id
      AND ${hiddenFrom(reviewerOf(reader), 'c')})`);
  if (archiveOnly)
    where.push(sql`enquiry_id IS NULL AND NOT EXISTS (SELECT 1 FROM pipeline_output o
      WHERE (o.id = decision.image_a OR o.id = decision.image_b) AND o.batch_id >= ${text(RESERVED_RANGE[0])} AND o.batch_id < ${text(RESERVED_RANGE[1])})`);
  if (after !== undefined) where.push(olderThan(['decided_at', 'decision_id'], after));
  const condition = where.reduce((all, one) => sql`${all} AND ${one}`, raw('1 = 1'));
  const [rows = []] = await session.read([
    sql`SELECT ${COLUMNS} FROM decision WHERE ${condition} ORDER BY decided_at DESC, decision_id DESC${limited(limit)}`,
  ]);
  return rows.map(toDecision);
}

const COLUMNS = raw(
  'decision_id, kind, face_a, face_b, image_a, image_b, person_a, person_b, candidate_id, enquiry_id, decided_by, decided_at, reason, score, model, blind, supersedes',
);

/** Every decision for which a condition holds, in the order in which they were made. */
export async function decisionsWhere(session: Pick<Session, 'read'>, condition: Sql): Promise<Decision[]> {
  const [rows = []] = await session.read([selectDecisions(condition)]);
  return rows.map(toDecision);
}

/** The statement for that, where others are read with it; `toDecision` reads its rows. */
export const selectDecisions = (condition: Sql): Sql =>
  sql`SELECT ${COLUMNS} FROM decision WHERE ${condition} ORDER BY decided_at, decision_id`;

const present = (...values: unknown[]): string[] =>
  values.filter((value): value is string => typeof value === 'string');

export const toDecision = (row: Row): Decision => ({
  id: row.decision_id as string,
  kind: row.kind as DecisionKind,
  faces: present(row.face_a, row.face_b),
  images: present(row.image_a, row.image_b),
  persons: present(row.person_a, row.person_b),
  ...(row.candidate_id !== null && { candidateId: row.candidate_id as string }),
  ...(row.enquiry_id !== null && { enquiryId: row.enquiry_id as string }),
  by: row.decided_by as string,
  at: row.decided_at as string,
  ...(row.reason !== null && { reason: row.reason as string }),
  ...(row.score !== null && { score: row.score as number }),
  ...(row.model !== null && { model: row.model as string }),
  blind: row.blind === 1,
  ...(row.supersedes !== null && { supersedes: row.supersedes as string }),
});
