import { randomUUID } from 'node:crypto';
import { chunksOf, listOf } from '../../database/chunks.ts';
import type { Row, Session } from '../../database/database.ts';
import { float, int, join, raw, type Sql, sql, text } from '../../database/sql.ts';
import { enquiryBatch, enquiryOfBatch, isEnquiryUrl } from '../../domain/enquiry-batch.ts';
import { putInOutbox, withdrawFromOutbox } from '../../results/outbox.ts';
import { toDecision } from '../decision-log.ts';
import { addEvent, MACHINE } from './events.ts';
import { GroupMembers } from './group-members.ts';
import {
  candidatesOf,
  countShared,
  type EnquiryPair,
  facesOf,
  type Known,
  type Made,
  sameAsBefore,
} from './make.ts';
import { enquiriesProposedFor, proposalsAmong, selectProposals } from './proposals.ts';
import { awaitingSecond, type Standing, standingOf, wordsThatCount } from './standing.ts';
import { type EnquiryEnd, stateOf } from './state.ts';
import { readWords, type StoredWord, wordsAbout } from './words.ts';

/** What solving an enquiry depends on beside the database. */
export interface SolveOptions {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The model by which faces are compared: candidates are stamped with it. */
  readonly model: string;
  /** How many different people make a find. */
  readonly needed: 1 | 2;
  /** The id that a new candidate with this face gets. */
  readonly naming?: { readonly face: string; readonly id: string };
  /** Where several enquiries are solved one after the other, of groups that do not change meanwhile. */
  readonly groups?: GroupMembers;
}

/**
 * Makes the candidates of an enquiry again: from the pairs in which its faces stand, the groups of the others, and what
 * people said. Nothing but what has changed is written; whoever asks twice changes nothing. The caller holds the lock
 * of all groups (`group_lock`), so that nobody solves beside it.
 */
export async function solveEnquiry(session: Session, enquiry: string, options: SolveOptions): Promise<void> {
  const [enquiries, log = []] = await session.read([
    sql`SELECT state, ended FROM enquiry WHERE enquiry_id = ${text(enquiry)}`,
    selectProposals(enquiry),
  ]);
  const row = enquiries?.[0];
  if (row === undefined) return;
  const pairs = await readPairs(session, enquiry);
  const proposed = await proposalsAmong(session, enquiry, log.map(toDecision));
  const words = await readWords(session, enquiry);
  const counting = wordsThatCount(words);
  const spoken = counting.flatMap(({ word, leadFace: face, imageId: image }) =>
    word === 'later' ? [] : [{ face, image }],
  );
  const { groups = new GroupMembers(session) } = options;
  const groupOf = await groups.of([
    ...pairs.map(({ other }) => other),
    ...spoken.map((one) => one.face),
    ...proposed.map(({ other }) => other),
  ]);
  const made = candidatesOf({ pairs, spoken, proposed, groupOf });
  const known = await readKnown(session, enquiry, groups);
  const ids = sameAsBefore(made, known);
  const standings: { standing: Standing; awaits: boolean }[] = [];
  for (const [rank, one] of made.entries()) {
    const before = known.find(({ id }) => id === ids[rank]);
    standings.push(
      await writeCandidate(session, enquiry, one, before, wordsAbout(facesOf(one.members), counting), {
        ...options,
        groups,
      }),
    );
  }
  const gone = known.filter(({ id }) => !ids.includes(id)).map(({ id }) => id);
  for (const some of chunksOf(gone)) await session.run(removeCandidates(some));
  const state = stateOf((row.ended as EnquiryEnd | null) ?? undefined, standings);
  if (state === row.state) return;
  await session.run([
    sql`UPDATE enquiry SET state = ${text(state)}, changed_at = ${text(options.at)}, version = version + 1 WHERE enquiry_id = ${text(enquiry)}`,
    addEvent({ enquiry, at: options.at, who: MACHINE, kind: 'state', from: row.state as string, to: state }),
  ]);
}

/** A face that a rerun does not find any more is nobody to judge; one whose photograph is under way has no row yet. */
const isThere = (side: 'a' | 'b'): string =>
  `(EXISTS (SELECT 1 FROM face f WHERE f.face_key = face_match.face_${side})
    OR NOT EXISTS (SELECT 1 FROM pipeline_output o WHERE o.id = face_match.image_${side}))`;

async function readPairs(session: Session, enquiry: string): Promise<EnquiryPair[]> {
  const own = sql`(SELECT image_id FROM enquiry_photo WHERE enquiry_id = ${text(enquiry)}
    UNION SELECT id FROM pipeline_output WHERE batch_id = ${text(enquiryBatch(enquiry))})`;
  const seen = (side: 'a' | 'b') => {
    const far = side === 'a' ? 'b' : 'a';
    return sql`SELECT ${raw(`face_${side} AS own, image_${side} AS own_image, face_${far} AS other, image_${far} AS other_image,
      image_url_${far} AS other_url, confidence`)} FROM face_match
      WHERE enquiry <> 0 AND ${raw(`image_${side}`)} IN ${own} AND ${raw(isThere('a'))} AND ${raw(isThere('b'))}`;
  };
  const [asA = [], asB = [], out = []] = await session.read([
    seen('a'),
    seen('b'),
    sql`SELECT face_key FROM enquiry_face WHERE enquiry_id = ${text(enquiry)} AND left_out = 1`,
  ]);
  const leftOut = new Set(out.map(({ face_key }) => face_key as string));
  return [...asA, ...asB].flatMap((row) => {
    // One enquiry's face is nobody's candidate: two families may not learn of each other by themselves.
    if (leftOut.has(row.own as string) || isEnquiryUrl(row.other_url as string)) return [];
    return [
      {
        own: row.own as string,
        ownImage: row.own_image as string,
        other: row.other as string,
        otherImage: row.other_image as string,
        confidence: row.confidence as number,
      },
    ];
  });
}

/** A candidate's row as it is. `faces` are those of its group, under the keys of now. */
interface KnownRow extends Known {
  readonly row: Row;
  /** The same under the keys of then. */
  readonly stored: ReadonlySet<string>;
}

/**
 * The candidates as they stand. Whose faces each had follows from its group: where that has just changed, from what it was
 * before. A group may have thousands, and be a candidate of many enquiries, so that nothing is kept of it for each.
 */
async function readKnown(session: Session, enquiry: string, groups: GroupMembers): Promise<KnownRow[]> {
  const [rows = []] = await session.read([
    sql`SELECT ${raw(COLUMNS)} FROM candidate WHERE enquiry_id = ${text(enquiry)}`,
  ]);
  const ofRow = (row: Row) => ({ group: row.group_id as string, best: row.best_face as string });
  const stored = rows.map((row): ReadonlySet<string> => {
    const { group, best } = ofRow(row);
    // A group that nobody asked for has no face in any candidate that is made now.
    const members = groups.known(group);
    return groups.formerly(group, best) ?? (members === undefined ? new Set([best]) : facesOf(members));
  });
  const moved = await movedAmong(session, [...groups.left, ...rows.map((row) => ofRow(row).best)]);
  return rows.map((row, at) => {
    const faces = stored[at] as ReadonlySet<string>;
    return {
      id: row.candidate_id as string,
      stored: faces,
      faces: keysOfNow(faces, moved),
      bestFace: moved.get(ofRow(row).best) ?? ofRow(row).best,
      since: row.first_seen as string,
      row,
    };
  });
}

/** By its key of then, the key of now of each decided face that was found anew in another place. */
async function movedAmong(session: Session, faces: readonly string[]): Promise<Map<string, string>> {
  const moved = new Map<string, string>();
  for (const some of chunksOf(new Set(faces))) {
    const [rows = []] = await session.read([
      sql`SELECT face_key, current_key FROM face_anchor WHERE face_key IN (${listOf(some)}) AND current_key <> face_key`,
    ]);
    for (const { face_key, current_key } of rows) moved.set(face_key as string, current_key as string);
  }
  return moved;
}

/** The very set where none of its faces has moved: of a large one much is kept. */
function keysOfNow(faces: ReadonlySet<string>, moved: ReadonlyMap<string, string>): ReadonlySet<string> {
  if (![...moved.keys()].some((face) => faces.has(face))) return faces;
  return new Set([...faces].map((face) => moved.get(face) ?? face));
}

const COLUMNS = `candidate_id, group_id, standing, second_look, first_reviewer, score, margin, model, best_face, best_image, own_face,
  own_image, faces, first_seen`;

async function writeCandidate(
  session: Session,
  enquiry: string,
  { members, best, proposed, score, margin }: Made,
  before: KnownRow | undefined,
  words: readonly StoredWord[],
  { at, model, needed, naming, groups }: SolveOptions & { readonly groups: GroupMembers },
): Promise<{ standing: Standing; awaits: boolean }> {
  const standing = standingOf(words, needed);
  const first = awaitingSecond(
    words,
    standing,
    words.some(({ controlled }) => controlled),
  );
  const named = naming && facesOf(members).has(naming.face) ? naming.id : undefined;
  const id = before?.id ?? named ?? randomUUID();
  const pair = best ?? proposed;
  // Without a pair the face that people spoke of speaks for it.
  const lead = pair
    ? { face: pair.other, image: pair.otherImage }
    : (members.find(({ face }) => words.some(({ leadFace }) => leadFace === face)) ?? members[0]);
  const values = {
    standing,
    second_look: first === undefined ? 0 : 1,
    first_reviewer: first ?? null,
    score,
    margin: margin ?? null,
    // Nobody compared what was only put forward.
    model: best ? model : ((before?.row?.model as string | undefined) ?? ''),
    best_face: lead.face,
    best_image: lead.image,
    group_id: groups.idOf(members[0].face),
    own_face: pair?.own ?? null,
    own_image: pair?.ownImage ?? null,
    faces: members.length,
  };
  const end = { standing, awaits: first !== undefined };
  const sameFaces =
    before?.stored.size === members.length && countShared(before.stored, members) === members.length;
  const isSame = Object.entries(values).every(([column, value]) => before?.row?.[column] === value);
  if (isSame && sameFaces) return end;
  const assigned: [string, ReturnType<typeof text>][] = [
    ['standing', text(values.standing)],
    ['second_look', int(values.second_look)],
    ['first_reviewer', text(values.first_reviewer)],
    ['score', float(values.score)],
    ['margin', float(values.margin)],
    ['model', text(values.model)],
    ['best_face', text(values.best_face)],
    ['best_image', text(values.best_image)],
    ['group_id', text(values.group_id)],
    ['own_face', text(values.own_face)],
    ['own_image', text(values.own_image)],
    ['faces', int(values.faces)],
    ['changed_at', text(at)],
  ];
  const statements: Sql[] = [];
  if (before === undefined) {
    statements.push(
      sql`INSERT INTO candidate (candidate_id, enquiry_id, first_seen, version, ${raw(assigned.map(([name]) => name).join(', '))})
        VALUES (${text(id)}, ${text(enquiry)}, ${text(at)}, 1, ${join(
          assigned.map(([, value]) => value),
          ', ',
        )})`,
      putInOutbox({ type: 'proposed', enquiry, candidate: id, at, occasion: '' }),
      addEvent({
        enquiry,
        at,
        who: best ? MACHINE : (proposed?.by ?? MACHINE),
        kind: 'proposed',
        candidate: id,
      }),
    );
  } else {
    const set = join(
      assigned.map(([name, value]) => sql`${raw(name)} = ${value}`),
      ', ',
    );
    statements.push(sql`UPDATE candidate SET ${set}, version = version + 1 WHERE candidate_id = ${text(id)}`);
  }
  if (standing !== before?.row?.standing && (standing === 'found' || standing === 'contested'))
    statements.push(...told(enquiry, id, standing, words, at));
  await session.run(statements);
  return end;
}

/** A find is told of once for each time that people came to it; a contradiction stands in the time line only. */
function told(
  enquiry: string,
  candidate: string,
  standing: 'found' | 'contested',
  words: readonly StoredWord[],
  at: string,
): Sql[] {
  const occasion = words.findLast(({ word }) => word === 'same')?.id ?? '';
  const event = addEvent({ enquiry, at, who: MACHINE, kind: standing, candidate });
  return standing === 'found'
    ? [putInOutbox({ type: 'found', enquiry, candidate, at, occasion }), event]
    : [event];
}

/** Takes candidates out that are none any more, with what was to be told of them. */
function removeCandidates(ids: readonly string[]): Sql[] {
  const list = listOf(ids);
  return [
    sql`DELETE FROM candidate WHERE candidate_id IN (${list})`,
    sql`DELETE FROM enquiry_event WHERE candidate_id IN (${list})`,
    withdrawFromOutbox(list),
  ];
}

/**
 * Enquiries whose candidates may follow from other faces or pairs now.
 *
 * @param groups in which such faces were before, by their ids, where that may have changed; none where no more has changed
 *   than what people said of faces: pairs and words by which a face is in a candidate are all there still, and the
 *   candidate is found by them
 */
export async function enquiriesAbout(
  session: Session,
  faces: readonly string[],
  groups: Iterable<string> = [],
): Promise<string[]> {
  const found = new Set<string>();
  for (const some of chunksOf(groups)) {
    const [rows = []] = await session.read([
      sql`SELECT DISTINCT enquiry_id FROM candidate WHERE group_id IN (${listOf(some)})`,
    ]);
    for (const { enquiry_id } of rows) found.add(enquiry_id as string);
  }
  for (const some of chunksOf(faces)) {
    const list = listOf(some);
    const pairs = (side: 'a' | 'b') =>
      sql`SELECT face_a, face_b FROM face_match WHERE ${raw(`face_${side}`)} IN (${list}) AND ${OF_ENQUIRY}`;
    const [asA = [], asB = [], anchors = [], ...named] = await session.read([
      pairs('a'),
      pairs('b'),
      sql`SELECT face_key FROM face_anchor WHERE current_key IN (${list})`,
      sql`SELECT DISTINCT enquiry_id FROM candidate_word WHERE lead_face IN (${list})`,
    ]);
    // Under the keys by which the log knows them, where they are others: of a large group few have any.
    for (const keys of chunksOf(anchors.map(({ face_key }) => face_key as string)))
      named.push(
        ...(await session.read([
          sql`SELECT DISTINCT enquiry_id FROM candidate_word WHERE lead_face IN (${listOf(keys)})`,
          ...enquiriesProposedFor(listOf(keys)),
        ])),
      );
    for (const { one, two } of await addressesOf(session, [...asA, ...asB]))
      for (const url of [one, two]) {
        const id = enquiryOfUrl(url as string);
        if (id !== undefined) found.add(id);
      }
    for (const { enquiry_id } of named.flat()) found.add(enquiry_id as string);
  }
  return [...found].sort();
}

/** Said twice, so that both databases go by the index of those pairs alone, and neither through all pairs of the faces. */
const OF_ENQUIRY = raw('enquiry = 1 AND enquiry <> 0');

/** Of the photographs of these pairs, and of others of their faces. */
async function addressesOf(session: Session, pairs: readonly Row[]): Promise<Row[]> {
  const found: Row[] = [];
  for (const some of chunksOf(pairs)) {
    const [a, b] = (['face_a', 'face_b'] as const).map((side) =>
      listOf([...new Set(some.map((row) => row[side] as string))]),
    ) as [Sql, Sql];
    const [rows = []] = await session.read([
      sql`SELECT image_url_a AS one, image_url_b AS two FROM face_match WHERE face_a IN (${a}) AND face_b IN (${b}) AND enquiry <> 0`,
    ]);
    found.push(...rows);
  }
  return found;
}

/** Of a photograph's address; a batch's name is its folder. */
function enquiryOfUrl(url: string): string | undefined {
  const parts = (URL.parse(url)?.pathname ?? '').split('/');
  return parts
    .map((part, at) => enquiryOfBatch(`${part}/${parts[at + 1] ?? ''}`))
    .find((id) => id !== undefined);
}
