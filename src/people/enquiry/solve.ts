import { randomUUID } from 'node:crypto';
import { chunksOf, listOf } from '../../database/chunks.ts';
import type { Row, Session } from '../../database/database.ts';
import { float, int, join, raw, type Sql, sql, text } from '../../database/sql.ts';
import { enquiryBatch, enquiryOfBatch, isEnquiryUrl } from '../../domain/enquiry-batch.ts';
import { putInOutbox, withdrawFromOutbox } from '../../results/outbox.ts';
import { toDecision } from '../decision-log.ts';
import { addEvent, MACHINE } from './events.ts';
import { candidatesOf, type EnquiryPair, type Known, type Made, type Member, sameAsBefore } from './make.ts';
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
  const groupOf = await readGroups(session, [
    ...pairs.map(({ other }) => other),
    ...spoken.map((one) => one.face),
    ...proposed.map(({ other }) => other),
  ]);
  const made = candidatesOf({ pairs, spoken, proposed, groupOf });
  const known = await readKnown(session, enquiry);
  const ids = sameAsBefore(made, known);
  const standings: { standing: Standing; awaits: boolean }[] = [];
  for (const [rank, one] of made.entries()) {
    const before = known.find(({ id }) => id === ids[rank]);
    standings.push(
      await writeCandidate(
        session,
        enquiry,
        one,
        before,
        wordsAbout(new Set(one.members.map(({ face }) => face)), counting),
        options,
      ),
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
      WHERE enquiry = 1 AND ${raw(`image_${side}`)} IN ${own} AND ${raw(isThere('a'))} AND ${raw(isThere('b'))}`;
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

/** Groups by face, without faces of enquiries: those were joined by people's words, and are no candidates. */
async function readGroups(
  session: Session,
  faces: readonly string[],
): Promise<(face: string) => readonly Member[] | undefined> {
  const groupIds = new Map<string, string>();
  for (const some of chunksOf(new Set(faces))) {
    const [rows = []] = await session.read([
      sql`SELECT face_key, group_id FROM face_group WHERE face_key IN (${listOf(some)})`,
    ]);
    for (const row of rows) groupIds.set(row.face_key as string, row.group_id as string);
  }
  const members = new Map<string, Member[]>();
  for (const some of chunksOf(new Set(groupIds.values()))) {
    const [rows = []] = await session.read([
      sql`SELECT group_id, face_key, image_id, batch_id FROM face_group WHERE group_id IN (${listOf(some)})`,
    ]);
    for (const row of rows) {
      if (enquiryOfBatch(row.batch_id as string) !== undefined) continue;
      const group = members.get(row.group_id as string) ?? [];
      group.push({ face: row.face_key as string, image: row.image_id as string });
      members.set(row.group_id as string, group);
    }
  }
  return (face) => members.get(groupIds.get(face) ?? '');
}

/** A candidate's row as it is. */
interface KnownRow extends Known {
  readonly row: Row | undefined;
  /** Its faces under the keys of then; `faces` has those of now. */
  readonly stored: ReadonlySet<string>;
}

async function readKnown(session: Session, enquiry: string): Promise<KnownRow[]> {
  const [rows = [], faces = []] = await session.read([
    sql`SELECT ${raw(COLUMNS)} FROM candidate WHERE enquiry_id = ${text(enquiry)}`,
    sql`SELECT f.candidate_id, f.face_key, COALESCE(a.current_key, f.face_key) AS current_key
      FROM candidate_face f LEFT JOIN face_anchor a ON a.face_key = f.face_key WHERE f.enquiry_id = ${text(enquiry)}`,
  ]);
  const facesOf = Map.groupBy(faces, ({ candidate_id }) => candidate_id as string);
  return rows.map((row) => {
    const own = facesOf.get(row.candidate_id as string) ?? [];
    const best = own.find(({ face_key }) => face_key === row.best_face);
    return {
      id: row.candidate_id as string,
      faces: new Set(own.map(({ current_key }) => current_key as string)),
      stored: new Set(own.map(({ face_key }) => face_key as string)),
      bestFace: (best?.current_key ?? row.best_face) as string,
      since: row.first_seen as string,
      row,
    };
  });
}

const COLUMNS = `candidate_id, standing, second_look, first_reviewer, score, margin, model, best_face, best_image, own_face,
  own_image, faces, first_seen`;

async function writeCandidate(
  session: Session,
  enquiry: string,
  { members, best, proposed, score, margin }: Made,
  before: KnownRow | undefined,
  words: readonly StoredWord[],
  { at, model, needed, naming }: SolveOptions,
): Promise<{ standing: Standing; awaits: boolean }> {
  const standing = standingOf(words, needed);
  const first = awaitingSecond(
    words,
    standing,
    words.some(({ controlled }) => controlled),
  );
  const named = members.some(({ face }) => face === naming?.face) ? naming?.id : undefined;
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
    best_face: lead?.face ?? '',
    best_image: lead?.image ?? '',
    own_face: pair?.own ?? null,
    own_image: pair?.ownImage ?? null,
    faces: members.length,
  };
  const end = { standing, awaits: first !== undefined };
  const sameFaces =
    before?.stored.size === members.length && members.every(({ face }) => before.stored.has(face));
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
  if (!sameFaces) {
    statements.push(
      sql`DELETE FROM candidate_face WHERE candidate_id = ${text(id)}`,
      ...members.map(
        ({ face, image }) =>
          sql`INSERT INTO candidate_face (candidate_id, face_key, enquiry_id, image_id)
            VALUES (${text(id)}, ${text(face)}, ${text(enquiry)}, ${text(image)})`,
      ),
    );
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
    sql`DELETE FROM candidate_face WHERE candidate_id IN (${list})`,
    sql`DELETE FROM candidate WHERE candidate_id IN (${list})`,
    sql`DELETE FROM enquiry_event WHERE candidate_id IN (${list})`,
    withdrawFromOutbox(list),
  ];
}

/** Enquiries whose candidates may follow from other faces or pairs now. */
export async function enquiriesAbout(session: Session, faces: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const some of chunksOf(faces)) {
    const list = listOf(some);
    // By the faces, of which there are few: without the sum SQLite goes through the pairs of all enquiries.
    const [asA = [], asB = [], ...named] = await session.read([
      sql`SELECT image_url_a AS one, image_url_b AS two FROM face_match WHERE face_a IN (${list}) AND enquiry + 0 = 1`,
      sql`SELECT image_url_a AS one, image_url_b AS two FROM face_match WHERE face_b IN (${list}) AND enquiry + 0 = 1`,
      sql`SELECT DISTINCT enquiry_id FROM candidate_face WHERE face_key IN (${list})`,
      sql`SELECT DISTINCT enquiry_id FROM candidate_word WHERE lead_face IN (${list})`,
      sql`SELECT DISTINCT w.enquiry_id FROM face_anchor a JOIN candidate_word w ON w.image_id = a.image_id AND w.lead_face = a.face_key
        WHERE a.current_key IN (${list})`,
      ...enquiriesProposedFor(list),
    ]);
    for (const { one, two } of [...asA, ...asB])
      for (const url of [one, two]) {
        const id = enquiryOfUrl(url as string);
        if (id !== undefined) found.add(id);
      }
    for (const { enquiry_id } of named.flat()) found.add(enquiry_id as string);
  }
  return [...found].sort();
}

/** Of a photograph's address; a batch's name is its folder. */
function enquiryOfUrl(url: string): string | undefined {
  const parts = (URL.parse(url)?.pathname ?? '').split('/');
  return parts
    .map((part, at) => enquiryOfBatch(`${part}/${parts[at + 1] ?? ''}`))
    .find((id) => id !== undefined);
}
