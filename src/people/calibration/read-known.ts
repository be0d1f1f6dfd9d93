import { chunksOf, listOf } from '../../database/chunks.ts';
import type { Database, Row } from '../../database/database.ts';
import { sql, text } from '../../database/sql.ts';
import { RESERVED_RANGE } from '../../domain/enquiry-batch.ts';
import { rectangleOf } from '../../results/face-place.ts';
import { reviewerOf } from '../enquiry/standing.ts';
import { isPerson, type Node, personNode } from '../node.ts';
import { KnownAnswers, type KnownFace, type SaidByTwo } from './known.ts';

/** Words that are read at most: those of some years of two people's work. */
const MOST_WORDS = 20_000;

/** Reads what two people have said alike, as decisions stand now. */
export async function readKnown(database: Database): Promise<KnownAnswers> {
  const limit = database.dialect.limit(MOST_WORDS);
  const pair = sql`SELECT m.face_a, m.face_b, d.kind, d.decided_by AS one`;
  const counting = sql`FROM match_decision m JOIN decision d ON d.decision_id = m.decision_id`;
  const inOrder = sql`ORDER BY m.face_a, m.face_b${limit}`;
  const [again = [], verified = [], rejected = [], links = []] = await database.read([
    sql`${pair}, o.decided_by AS other ${counting} JOIN decision o ON o.decision_id = d.supersedes AND o.kind = d.kind
      WHERE d.kind IN ('same', 'different') AND o.decided_by <> d.decided_by ${inOrder}`,
    sql`${pair}, o.decided_by AS other ${counting} JOIN decision o ON o.candidate_id = d.candidate_id AND o.kind = 'verify'
        AND o.face_a = d.face_a AND o.face_b = d.face_b AND o.decided_at >= d.decided_at
      WHERE d.kind = 'same' AND o.decided_by <> d.decided_by ${inOrder}`,
    // Of a candidate whom two have rejected one decision is made, of the first word.
    sql`${pair}, w.said_by AS other ${counting}
      JOIN candidate c ON c.candidate_id = d.candidate_id AND c.standing = 'different'
      JOIN candidate_word w ON w.candidate_id = d.candidate_id AND w.word = 'different'
      WHERE d.kind = 'different' AND w.said_by <> d.decided_by AND NOT EXISTS
        (SELECT 1 FROM candidate_word l WHERE l.candidate_id = w.candidate_id AND l.reviewer = w.reviewer AND l.said_at > w.said_at)
      ${inOrder}`,
    sql`SELECT l.person_id, l.node, d.kind, d.decided_by AS one, o.decided_by AS other
      FROM person_link l JOIN decision d ON d.decision_id = l.decision_id
      JOIN decision o ON o.decision_id = d.supersedes AND o.kind = d.kind
      WHERE d.kind IN ('same', 'different') AND o.decided_by <> d.decided_by ORDER BY l.person_id, l.node${limit}`,
  ]);
  const words = [
    ...[...again, ...verified, ...rejected].filter(isByTwo).map((row) => wordOf(row, row.face_a, row.face_b)),
    ...links.filter(isByTwo).map((row) => wordOf(row, personNode(row.person_id as string), row.node)),
  ];
  const nodes = new Set(words.flatMap(({ nodes }) => nodes));
  return new KnownAnswers(words, await shownAmong(database, nodes));
}

/** Nobody seconds themselves by another spelling of their name. */
const isByTwo = ({ one, other }: Row): boolean => reviewerOf(one as string) !== reviewerOf(other as string);

const wordOf = ({ kind }: Row, one: unknown, other: unknown): SaidByTwo => ({
  nodes: [one as Node, other as Node],
  answer: kind as SaidByTwo['answer'],
});

/** Faces of the archive that are there and may be compared: photographs of enquiries are for those who work on them. */
async function shownAmong(database: Database, nodes: Iterable<Node>): Promise<KnownFace[]> {
  const shown: KnownFace[] = [];
  for (const some of chunksOf([...nodes].filter((node) => !isPerson(node)))) {
    const [rows = []] = await database.read([
      sql`SELECT f.face_key, f.image_id, f.rect_left, f.rect_top, f.rect_width, f.rect_height, o.width, o.height FROM face f JOIN pipeline_output o ON o.id = f.image_id
        WHERE f.face_key IN (${listOf(some)}) AND o.do_not_match = 0 AND o.status NOT IN ('gone', 'superseded')
          AND NOT (o.batch_id >= ${text(RESERVED_RANGE[0])} AND o.batch_id < ${text(RESERVED_RANGE[1])})
          AND NOT EXISTS (SELECT 1 FROM face_group g WHERE g.face_key = f.face_key AND g.contested = 1)`,
    ]);
    for (const row of rows)
      shown.push({
        face: row.face_key as string,
        imageId: row.image_id as string,
        rectangle: rectangleOf(row),
        ...(row.width !== null && { imageWidth: row.width as number }),
        ...(row.height !== null && { imageHeight: row.height as number }),
      });
  }
  return shown;
}
