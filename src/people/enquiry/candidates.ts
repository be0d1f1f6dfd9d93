import { chunksOf, listOf } from '../../database/chunks.ts';
import type { Database, Row } from '../../database/database.ts';
import { float, join, raw, type Sql, sql, text } from '../../database/sql.ts';
import { enquiryBatch } from '../../domain/enquiry-batch.ts';
import { type FiguresSource, type MatchWorth, matchWorth } from '../../domain/match-worth.ts';
import { placeOf } from '../../results/face-place.ts';
import type { FacePlace } from '../../results/pair-view.ts';
import { latestCalibration } from '../calibration/ledger.ts';
import { worthByCalibration } from '../calibration/worth.ts';
import { membersOf } from './candidate-members.ts';
import { hiddenFrom, waitsForSecond } from './hidden.ts';
import { NO_SCORE } from './make.ts';
import { type Proposal, readProposals } from './proposals.ts';
import { reviewerOf, type Speaker, type Standing, type Word, wordsThatCount } from './standing.ts';
import { readWords, type StoredWord, wordsAbout } from './words.ts';

/** How a candidate stands, as a reader may know it: `secondLook` waits for the word of another person. */
export type ShownStanding = Exclude<Standing, 'pending'> | 'pending' | 'secondLook';

/** A reviewer's word, as it is shown. */
interface ShownWord {
  id: string;
  word: Word;
  by: string;
  /** ISO 8601, UTC. */
  at: string;
  reason?: string;
  blind: boolean;
  score?: number;
  /** Absent where the candidate was put forward by hand, and compared by none. */
  model?: string;
}

/** A candidate as a list has it. What a reader must not know yet is absent: score, margin, words. */
export interface Candidate {
  id: string;
  enquiry: string;
  standing: ShownStanding;
  /** Whether score and words are kept from this reader, who may give the second word. */
  blind: boolean;
  /** 0 to 1: of the best pair; absent as well where the machine has found none, and people speak of it. */
  score?: number;
  /** How far the next person lies below, among the candidates of the enquiry; absent while a score among them is hidden. */
  margin?: number;
  /** The model that compared the faces; absent where the score is. */
  model?: string;
  /** The face of the group that is most like one of the enquiry, or was put forward, and that one. */
  bestFace: string;
  ownFace?: string;
  /** Faces in the group. */
  faces: number;
  /** ISO 8601, UTC. */
  firstSeen: string;
  changedAt: string;
  version: number;
}

/** What speaks for a candidate: two faces that are alike, or that somebody has put side by side. */
interface EvidencePair {
  own: string;
  other: string;
  /** Absent for a reader who is to judge without it, and where the machine gives none. */
  confidence?: number;
}

/** A candidate with all that is known. */
export interface CandidateDetail extends Candidate {
  /** What the score is worth among so many faces, by published figures. */
  worth?: MatchWorth;
  /** The surest first; by face for a reader who is to judge without scores. */
  evidence: EvidencePair[];
  /** Of its faces those that were put forward by hand, the first first; none for a reader who is to judge without scores. */
  proposals: Proposal[];
  /** Faces of the group that were not found to be like any of the enquiry's: they speak against it, or look away. */
  unlike: string[];
  /** Faces of the group, at most `MOST_FACES`. */
  group: FaceShown[];
  /** Faces of the enquiry that stand in the evidence. */
  own: FaceShown[];
  words: ShownWord[];
  /** Years between when the two best faces were taken, where both are known. */
  ageGapYears?: number;
}

export interface FaceShown extends FacePlace {
  quality?: string;
  /** When it was taken, as far as known. */
  taken?: string;
}

/** Faces of one group that are shown. */
const MOST_FACES = 200;

/** A place in a list of candidates; those whose score is kept from the reader come last, by id. */
interface CandidatePosition {
  blind: boolean;
  score: number;
  id: string;
}

/** Candidates, as each reader may see them. */
export class Candidates {
  readonly #database: Database;
  readonly #figuresOf: (model: string) => FiguresSource | null;
  readonly #countFaces: () => Promise<number>;

  /** @param countFaces of the archive */
  constructor(
    database: Database,
    figuresOf: (model: string) => FiguresSource | null,
    countFaces: () => Promise<number>,
  ) {
    this.#database = database;
    this.#figuresOf = figuresOf;
    this.#countFaces = countFaces;
  }

  /** The surest first; then, by id, those that this reader is to judge without knowing the score. */
  async list(
    query: {
      enquiry?: string;
      standing?: ShownStanding;
      after?: CandidatePosition;
      limit: number;
    },
    reader: Speaker,
  ): Promise<Candidate[]> {
    const found: Candidate[] = [];
    for (const blind of [false, true]) {
      if (found.length >= query.limit || (query.after?.blind && !blind)) continue;
      const rows = await this.#page(query, blind, query.limit - found.length, reviewerOf(reader));
      found.push(...rows.map((row) => toCandidate(row, reviewerOf(reader))));
    }
    return found;
  }

  async #page(
    { enquiry, standing, after }: { enquiry?: string; standing?: ShownStanding; after?: CandidatePosition },
    blind: boolean,
    limit: number,
    reviewer: string,
  ): Promise<Row[]> {
    const hidden = (enquiry === undefined ? waitsForSecond : hiddenFrom)(reviewer, 'candidate');
    const where: Sql[] = [blind ? hidden : sql`NOT ${hidden}`];
    if (enquiry !== undefined) where.push(sql`enquiry_id = ${text(enquiry)}`);
    if (standing === 'secondLook') {
      if (!blind) return [];
    } else if (standing !== undefined) {
      // What it stands as is what the reader must not know.
      if (blind) return [];
      where.push(sql`standing = ${text(standing)}`);
    }
    if (after !== undefined && after.blind === blind) {
      const id = text(after.id);
      const score = float(after.score);
      where.push(
        blind
          ? sql`candidate_id < ${id}`
          : sql`score <= ${score} AND (score < ${score} OR candidate_id < ${id})`,
      );
    }
    const order = raw(blind ? 'candidate_id DESC' : 'score DESC, candidate_id DESC');
    const [rows = []] = await this.#database.read([
      sql`SELECT ${columnsFor(reviewer)} FROM candidate WHERE ${join(where, ' AND ')} ORDER BY ${order}${this.#database.dialect.limit(limit)}`,
    ]);
    return rows;
  }

  /** How many candidates of an enquiry there are, and of which it is this reader's turn to say the second word. */
  async counts(enquiry: string, reader: Speaker): Promise<{ candidates: number; secondLook: number }> {
    const [all, second] = await this.#database.read([
      sql`SELECT COUNT(*) AS found FROM candidate WHERE enquiry_id = ${text(enquiry)}`,
      sql`SELECT COUNT(*) AS found FROM candidate WHERE enquiry_id = ${text(enquiry)} AND ${hiddenFrom(reviewerOf(reader), 'candidate')}`,
    ]);
    return { candidates: Number(all?.[0]?.found ?? 0), secondLook: Number(second?.[0]?.found ?? 0) };
  }

  async get(id: string, reader: Speaker): Promise<CandidateDetail | undefined> {
    const reviewer = reviewerOf(reader);
    const [rows] = await this.#database.read([
      sql`SELECT ${columnsFor(reviewer)} FROM candidate WHERE candidate_id = ${text(id)}`,
    ]);
    const row = rows?.[0];
    if (!row) return undefined;
    const candidate = toCandidate(row, reviewer);
    const members = (await membersOf(this.#database, [id])).get(id) ?? [];
    const faces = members.map(({ face }) => face);
    const isMember = new Set(faces);
    const proposals = (await readProposals(this.#database, candidate.enquiry)).filter(({ other }) =>
      isMember.has(other),
    );
    const pairs = withProposed(await this.#evidence(candidate.enquiry, faces), proposals);
    const words = wordsAbout(isMember, wordsThatCount(await readWords(this.#database, candidate.enquiry)));
    const inEvidence = new Set(pairs.map(({ other }) => other));
    const own = [...new Set(pairs.map((pair) => pair.own))].sort();
    const [group, ownFaces] = await Promise.all([this.#faces(faces.slice(0, MOST_FACES)), this.#faces(own)]);
    const gap = ageGap(
      group.find(({ face }) => face === candidate.bestFace)?.taken,
      ownFaces.find(({ face }) => face === candidate.ownFace)?.taken,
    );
    const { score, model } = candidate;
    const worth = score === undefined || model === undefined ? undefined : await this.#worth(score, model);
    return {
      ...candidate,
      ...(worth && { worth }),
      evidence: candidate.blind
        ? pairs.map(({ own: one, other }) => ({ own: one, other })).sort(byFaces)
        : pairs.sort((a, b) => (b.confidence ?? 0) - (a.confidence ?? 0) || byFaces(a, b)),
      // Who put it forward thinks something of it, and that there is no score is one.
      proposals: candidate.blind ? [] : proposals,
      unlike: faces.filter((face) => !inEvidence.has(face)),
      group,
      own: ownFaces,
      // Of several that were given before, none is shown to one who is to judge without them.
      words: candidate.blind ? [] : words.map(toShown),
      ...(gap !== undefined && { ageGapYears: gap }),
    };
  }

  async #worth(score: number, model: string): Promise<MatchWorth> {
    const faces = await this.#countFaces();
    const known = await latestCalibration(this.#database, model, true);
    return {
      ...matchWorth(score, faces, this.#figuresOf(model)),
      ...(known && { archive: worthByCalibration(known.result, score, faces) }),
    };
  }

  async #evidence(enquiry: string, faces: readonly string[]): Promise<EvidencePair[]> {
    const own = sql`(SELECT image_id FROM enquiry_photo WHERE enquiry_id = ${text(enquiry)}
      UNION SELECT id FROM pipeline_output WHERE batch_id = ${text(enquiryBatch(enquiry))})`;
    const leftOut = sql`(SELECT face_key FROM enquiry_face WHERE enquiry_id = ${text(enquiry)} AND left_out = 1)`;
    const pairs: EvidencePair[] = [];
    for (const some of chunksOf(faces)) {
      const sets = await this.#database.read(
        (['a', 'b'] as const).map((side) => {
          const far = side === 'a' ? 'b' : 'a';
          return sql`SELECT ${raw(`face_${side} AS own, face_${far} AS other, confidence`)} FROM face_match
            WHERE enquiry <> 0 AND ${raw(`face_${far}`)} IN (${listOf(some)}) AND ${raw(`image_${side}`)} IN ${own}
              AND ${raw(`face_${side}`)} NOT IN ${leftOut}`;
        }),
      );
      for (const row of sets.flat())
        pairs.push({
          own: row.own as string,
          other: row.other as string,
          confidence: row.confidence as number,
        });
    }
    return pairs;
  }

  async #faces(keys: readonly string[]): Promise<FaceShown[]> {
    const found: FaceShown[] = [];
    for (const some of chunksOf(keys)) {
      const [rows = []] = await this.#database.read([
        sql`SELECT f.face_key, f.image_id, f.rect_left, f.rect_top, f.rect_width, f.rect_height, f.crop, f.quality,
            o.image_url, o.batch_id, o.width, o.height, o.exif, p.taken, a.taken AS said
          FROM face f JOIN pipeline_output o ON o.id = f.image_id
          LEFT JOIN enquiry_photo p ON p.image_id = f.image_id
          LEFT JOIN face_anchor a ON a.current_key = f.face_key
          WHERE f.face_key IN (${listOf(some)}) ORDER BY f.face_key`,
      ]);
      found.push(...rows.map(toFace));
    }
    return found;
  }
}

/** Without the margins of an enquiry in which one is to be judged without its score: they would give that away. */
const columnsFor = (reviewer: string): Sql =>
  sql`candidate_id, enquiry_id, standing, second_look, first_reviewer, score, CASE WHEN EXISTS (SELECT 1 FROM candidate other
      WHERE other.enquiry_id = candidate.enquiry_id AND ${hiddenFrom(reviewer, 'other')}) THEN NULL ELSE margin END AS margin,
    model, best_face, own_face, faces, first_seen, changed_at, version`;

function toCandidate(row: Row, reviewer: string): Candidate {
  const awaits = row.second_look === 1;
  const blind = awaits && row.first_reviewer !== reviewer;
  return {
    id: row.candidate_id as string,
    enquiry: row.enquiry_id as string,
    standing: blind ? 'secondLook' : (row.standing as Standing),
    blind,
    ...(!blind && row.score !== NO_SCORE && { score: row.score as number, model: row.model as string }),
    ...(!blind && row.margin !== null && { margin: row.margin as number }),
    bestFace: row.best_face as string,
    ...(row.own_face !== null && { ownFace: row.own_face as string }),
    faces: row.faces as number,
    firstSeen: row.first_seen as string,
    changedAt: row.changed_at as string,
    version: row.version as number,
  };
}

/** Pairs that people have put side by side stand beside those that the machine found. */
function withProposed(pairs: readonly EvidencePair[], proposals: readonly Proposal[]): EvidencePair[] {
  const known = new Set(pairs.map(({ own, other }) => JSON.stringify([own, other])));
  return [
    ...pairs,
    ...proposals.flatMap(({ own, other }) =>
      known.has(JSON.stringify([own, other])) ? [] : [{ own, other }],
    ),
  ];
}

const byFaces = (a: EvidencePair, b: EvidencePair): number =>
  JSON.stringify([a.own, a.other]) < JSON.stringify([b.own, b.other]) ? -1 : 1;

const toShown = ({ id, word, by, at, reason, blind, score, model }: StoredWord): ShownWord => ({
  id,
  word: word as Word,
  by,
  at,
  blind,
  ...(model !== '' && { model }),
  ...(reason !== undefined && { reason }),
  ...(score !== undefined && { score }),
});

function toFace(row: Row): FaceShown {
  const taken = (row.said ?? row.taken ?? takenOf(row.exif)) as string | null;
  return {
    ...placeOf(row),
    ...(row.quality !== null && { quality: row.quality as string }),
    ...(taken !== null && { taken }),
  };
}

/** The day that the camera wrote, where KEEP_EXIF keeps it: `2019:07:30 10:11:12`. */
function takenOf(exif: unknown): string | null {
  if (typeof exif !== 'string') return null;
  const { DateTimeOriginal: written } = JSON.parse(exif) as { DateTimeOriginal?: unknown };
  const [, year, month, day] = /^(\d{4})[:-](\d{2})[:-](\d{2})/.exec(String(written)) ?? [];
  return year === undefined ? null : `${year}-${month}-${day}`;
}

/** Between the middles of what is known of each. @returns years, to one place */
function ageGap(one: string | undefined, two: string | undefined): number | undefined {
  const [a, b] = [one, two].map((taken) => (taken === undefined ? undefined : middleOf(taken)));
  if (a === undefined || b === undefined) return undefined;
  return Math.round(Math.abs(a - b) * 10) / 10;
}

/** In years: of a year its middle, of a month its. */
function middleOf(taken: string): number | undefined {
  const [, year, month, day] = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(taken) ?? [];
  if (year === undefined) return undefined;
  if (month === undefined) return Number(year) + 0.5;
  return Number(year) + (Number(month) - 1) / 12 + (day === undefined ? 15 : Number(day)) / 365;
}
