import { chunksOf, listOf } from '../database/chunks.ts';
import type { Session } from '../database/database.ts';
import { raw, type Sql, sql, text } from '../database/sql.ts';
import { lookAtLinked, lookAtPair } from '../results/faceprint-looks.ts';
import { counting, type Decision } from './decision.ts';
import { decisionsWhere } from './decision-log.ts';
import { isPerson, type Node, personNode, personOf } from './node.ts';

/** The last word on two nodes, and every decision about them that counts. */
interface Word {
  /** Absent where nothing counts. */
  last?: Decision & { kind: 'same' | 'different' };
  counting: Decision[];
  /** The latest decision of all: whose doing it is that nothing counts. */
  latest?: Decision;
}

const JUDGEMENTS = "kind IN ('same', 'different', 'undo')";

/**
 * That a column names nobody. Nearly every decision has no person, or no face: by an index of those that have none, which
 * a plain IS NULL is found by, the whole log would be read.
 */
const none = (column: string): Sql => raw(`COALESCE(${column}, '') = ''`);

/** What was decided of two nodes, by their keys of now. */
export async function wordOn(session: Session, [one, two]: readonly [Node, Node]): Promise<Word> {
  return toWord(await decisionsWhere(session, await condition(session, one, two)));
}

async function condition(session: Session, one: Node, two: Node): Promise<Sql> {
  const [a, b] = isPerson(one) ? [two, one] : [one, two];
  const judged = raw(JUDGEMENTS);
  if (isPerson(a)) {
    const [p, q] = [text(personOf(a)), text(personOf(b))];
    return sql`${judged} AND ${none('face_a')} AND ((person_a = ${p} AND person_b = ${q}) OR (person_a = ${q} AND person_b = ${p}))`;
  }
  const keysA = listOf(await namesOf(session, a));
  if (isPerson(b))
    return sql`${judged} AND COALESCE(person_a, '') = ${text(personOf(b))} AND ${none('person_b')} AND ${none('face_b')} AND face_a IN (${keysA})`;
  const keysB = listOf(await namesOf(session, b));
  return sql`${judged} AND ${none('person_a')} AND ((face_a IN (${keysA}) AND face_b IN (${keysB}))
    OR (face_a IN (${keysB}) AND face_b IN (${keysA})))`;
}

/** Under which keys the log knows a face; none of a face that goes by another key now. No face has an empty key. */
async function namesOf(session: Session, face: string): Promise<string[]> {
  const [rows = []] = await session.read([
    sql`SELECT face_key FROM face_anchor WHERE current_key = ${text(face)}`,
  ]);
  return rows.length === 0 ? [''] : rows.map(({ face_key }) => face_key as string);
}

function toWord(log: readonly Decision[]): Word {
  const count = counting(log);
  const said = count.filter(
    (one): one is Decision & { kind: 'same' | 'different' } =>
      one.kind === 'same' || one.kind === 'different',
  );
  const [last, latest] = [said.at(-1), judgements(log).at(-1)];
  return { ...(last && { last }), counting: said, ...(latest && { latest }) };
}

/** Without what took back something else than a word on who two are: a proposal, say. The log is in its order. */
function judgements(log: readonly Decision[]): Decision[] {
  const known = new Set<string>();
  return log.filter(({ id, kind, supersedes }) => {
    const isOne = kind !== 'undo' || supersedes === undefined || known.has(supersedes);
    if (isOne) known.add(id);
    return isOne;
  });
}

/** Writes the word that counts about two nodes where the grouping, the review queue and the lists look for it. */
export async function project(session: Session, [one, two]: readonly [Node, Node]): Promise<void> {
  const word = await wordOn(session, [one, two]);
  if (isPerson(one) || isPerson(two)) await projectLink(session, one, two, word);
  else await projectPair(session, one < two ? [one, two] : [two, one], word);
}

async function projectLink(session: Session, one: Node, two: Node, { last }: Word): Promise<void> {
  const remove = (person: Node, node: Node): Sql[] => {
    if (!isPerson(person)) return [];
    const isIt = sql`person_id = ${text(personOf(person))} AND node = ${text(node)}`;
    return [
      ...(last?.kind === 'same' ? [] : [lookAtLinked(isIt)]),
      sql`DELETE FROM person_link WHERE ${isIt}`,
    ];
  };
  await session.run([...remove(one, two), ...remove(two, one)]);
  if (!last) return;
  const face = [one, two].find((node) => !isPerson(node));
  // Of two persons the first was merged into the second.
  const [person, node] =
    face === undefined
      ? [last.persons[0], personNode(last.persons[1] ?? '')]
      : [personOf(one === face ? two : one), face];
  await session.run([
    sql`INSERT INTO person_link (person_id, node, image_id, kind, decision_id)
      VALUES (${text(person)}, ${text(node)}, ${text(last.images[0])}, ${text(last.kind)}, ${text(last.id)})`,
  ]);
}

/** Where a pair may have held its faces that does not any more: one that is undecided still does while it is reported. */
const HOLDING = { notSame: ['face_match', 'match_decision'], undecided: ['match_decision'] } as const;

async function projectPair(
  session: Session,
  [a, b]: readonly [string, string],
  { last, latest }: Word,
): Promise<void> {
  const same = sql`face_a = ${text(a)} AND face_b = ${text(b)}`;
  const verdict = last && (last.kind === 'same' ? 'confirmed' : 'notSame');
  // The pair's row is changed first, for its lock: a rerun that writes the pair waits, or is seen here.
  await session.run([
    ...(verdict === 'confirmed' ? [] : [lookAtPair(same, HOLDING[verdict ?? 'undecided'])]),
    sql`UPDATE face_match SET verdict = ${text(verdict)} WHERE ${same}`,
    sql`DELETE FROM match_decision WHERE ${same}`,
  ]);
  const shown = last ?? latest;
  const [imageA, imageB] = await imagesOf(session, shown, a);
  if (shown === undefined) return;
  await session.run([
    sql`INSERT INTO match_decision (face_a, face_b, image_a, image_b, verdict, decided_by, decided_at, decision_id)
      VALUES (${text(a)}, ${text(b)}, ${text(imageA)}, ${text(imageB)}, ${text(verdict ?? 'undecided')}, ${text(shown.by)},
        ${text(shown.at)}, ${text(shown.id)})`,
  ]);
}

/** The images of a decision's two faces, the one that is `a` now first. */
async function imagesOf(
  session: Session,
  decision: Decision | undefined,
  a: string,
): Promise<readonly [string | undefined, string | undefined]> {
  if (!decision) return [undefined, undefined];
  const names = await namesOf(session, a);
  const [one, two] = decision.images;
  return names.includes(decision.faces[0] ?? '') ? [one, two] : [two, one];
}

/**
 * Makes all that is said of some faces again, after a decided face has got another key.
 *
 * @param faces keys of before and of now
 */
export async function projectFaces(session: Session, faces: Iterable<string>): Promise<Node[]> {
  const pairs = new Map<string, [Node, Node]>();
  for (const some of chunksOf(faces)) {
    const list = listOf(some);
    const [anchors = [], before = [], links = []] = await session.read([
      sql`SELECT face_key FROM face_anchor WHERE current_key IN (${list})`,
      sql`SELECT face_a, face_b FROM match_decision WHERE face_a IN (${list}) OR face_b IN (${list})`,
      sql`SELECT person_id, node FROM person_link WHERE node IN (${list})`,
    ]);
    const add = (one: Node, two: Node) => pairs.set(JSON.stringify([one, two].sort()), [one, two]);
    for (const { face_a, face_b } of before) add(face_a as string, face_b as string);
    for (const { person_id, node } of links) add(node as string, personNode(person_id as string));
    if (anchors.length === 0) continue;
    const keys = listOf(anchors.map(({ face_key }) => face_key as string));
    const log = await decisionsWhere(
      session,
      sql`${raw(JUDGEMENTS)} AND (face_a IN (${keys}) OR face_b IN (${keys}))`,
    );
    for (const { faces: named, persons } of log) {
      const now = await currentOf(session, named);
      const [one = '', two = personNode(persons[0] ?? '')] = now;
      if (one !== two) add(one, two);
    }
  }
  for (const pair of pairs.values()) await project(session, pair);
  return [...pairs.values()].flat();
}

async function currentOf(session: Session, keys: readonly string[]): Promise<string[]> {
  const [rows = []] = await session.read([
    sql`SELECT face_key, current_key FROM face_anchor WHERE face_key IN (${listOf(keys)})`,
  ]);
  const current = new Map(rows.map((row) => [row.face_key as string, row.current_key as string]));
  return keys.map((key) => current.get(key) ?? key);
}
