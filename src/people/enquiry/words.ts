import type { Row, Session } from '../../database/database.ts';
import { float, int, raw, type Sql, sql, text } from '../../database/sql.ts';
import type { SaidWord, Word } from './standing.ts';

/** A reviewer's word as it stands in the database. */
export interface StoredWord extends SaidWord {
  /** The name it was said under. */
  readonly by: string;
  readonly reason?: string;
  /** Whether an earlier verdict and the score were kept from whoever said it. */
  readonly blind: boolean;
  /** Whether a second look is asked for although it is "different". */
  readonly controlled: boolean;
  /** The score that was shown; absent where it was said blindly. */
  readonly score?: number;
  readonly model: string;
  /** The best face of the candidate when it was said, and its image. */
  readonly leadFace: string;
  readonly imageId: string;
  /** Of a "different": the faces it was said of. */
  readonly faces: readonly string[];
  /** The decision about a pair of faces that was made of it. */
  readonly decision?: string;
}

/** All words about candidates of an enquiry, in the order in which they were said, by the keys that faces have now. */
export async function readWords(session: Pick<Session, 'read'>, enquiry: string): Promise<StoredWord[]> {
  const [rows = [], faces = []] = await session.read([
    sql`SELECT ${raw(COLUMNS)} FROM candidate_word w LEFT JOIN face_anchor a ON a.face_key = w.lead_face
      WHERE w.enquiry_id = ${text(enquiry)} ORDER BY w.said_at, w.word_id`,
    sql`SELECT f.word_id, COALESCE(a.current_key, f.face_key) AS face_key FROM candidate_word_face f
      JOIN candidate_word w ON w.word_id = f.word_id LEFT JOIN face_anchor a ON a.face_key = f.face_key
      WHERE w.enquiry_id = ${text(enquiry)}`,
  ]);
  const facesOf = Map.groupBy(faces, ({ word_id }) => word_id as string);
  return rows.map((row) =>
    toWord(
      row,
      (facesOf.get(row.word_id as string) ?? []).map(({ face_key }) => face_key as string),
    ),
  );
}

const COLUMNS = `w.word_id, w.candidate_id, w.word, w.said_by, w.reviewer, w.said_at, w.reason, w.blind, w.controlled, w.score,
  w.model, COALESCE(a.current_key, w.lead_face) AS lead_face, w.image_id, w.supersedes, w.decision_id`;

const toWord = (row: Row, faces: readonly string[]): StoredWord => ({
  id: row.word_id as string,
  candidate: row.candidate_id as string,
  word: row.word as Word | 'undo',
  by: row.said_by as string,
  reviewer: row.reviewer as string,
  at: row.said_at as string,
  blind: row.blind === 1,
  controlled: row.controlled === 1,
  model: row.model as string,
  leadFace: row.lead_face as string,
  imageId: row.image_id as string,
  faces,
  ...(row.reason !== null && { reason: row.reason as string }),
  ...(row.score !== null && { score: row.score as number }),
  ...(row.supersedes !== null && { supersedes: row.supersedes as string }),
  ...(row.decision_id !== null && { decision: row.decision_id as string }),
});

/** @param members of the candidate: a "different" holds for each of them, whatever becomes of the group */
export function insertWord(
  enquiry: string,
  word: Omit<StoredWord, 'faces' | 'decision'>,
  members: readonly { face: string; image: string }[],
): Sql[] {
  return [
    sql`INSERT INTO candidate_word (word_id, enquiry_id, candidate_id, word, said_by, reviewer, said_at, reason, blind,
        controlled, score, model, lead_face, image_id, supersedes)
      VALUES (${text(word.id)}, ${text(enquiry)}, ${text(word.candidate)}, ${text(word.word)}, ${text(word.by)},
        ${text(word.reviewer)}, ${text(word.at)}, ${text(word.reason)}, ${int(word.blind ? 1 : 0)},
        ${int(word.controlled ? 1 : 0)}, ${float(word.score)}, ${text(word.model)}, ${text(word.leadFace)},
        ${text(word.imageId)}, ${text(word.supersedes)})`,
    ...members.map(
      ({ face, image }) =>
        sql`INSERT INTO candidate_word_face (word_id, face_key, image_id) VALUES (${text(word.id)}, ${text(face)}, ${text(image)})`,
    ),
  ];
}

export const noteDecision = (word: string, decision: string | null): Sql =>
  sql`UPDATE candidate_word SET decision_id = ${text(decision)} WHERE word_id = ${text(word)}`;

/**
 * Words about a group of faces: of a "different" that it has any face of those it was said of, of others that it has
 * the best face of then.
 */
export function wordsAbout(faces: ReadonlySet<string>, words: readonly StoredWord[]): StoredWord[] {
  return words.filter(
    ({ word, leadFace, faces: said }) =>
      faces.has(leadFace) || (word === 'different' && said.some((face) => faces.has(face))),
  );
}
