import { randomUUID } from 'node:crypto';
import type { Database, Row } from '../../database/database.ts';
import { bigint, join, raw, type Sql, sql, text } from '../../database/sql.ts';
import type { Clock, Random } from '../../domain/ports.ts';
import { nameOf, reviewerOf, type Speaker } from '../enquiry/standing.ts';
import { whoText } from '../who-column.ts';
import type { Answer } from './known.ts';
import { readKnown } from './read-known.ts';

/** A pair whose answer is known, to be put before a reviewer: its answer is not for them. */
interface PlantedPair {
  readonly faces: readonly [string, string];
  readonly images: readonly [string, string];
}

/** Known pairs that are kept of each answer: more than a reviewer sees in years. */
const MOST_KNOWN = 500;
/** After which known pairs are looked for again, where somebody has seen them all. */
const LOOK_AGAIN_MS = 10 * 60_000;
/** How long after a pair was put before a reviewer a word about it is an answer, and no decision. */
const ASKED_MS = 7 * 24 * 3_600_000;
/** A pair that is put before a reviewer again is noted again after this long. */
const NOTE_AGAIN_MS = 24 * 3_600_000;

/** A pair that waits for somebody's word is a real case, whatever is known of its two persons. @param table alias */
function isRealCase(table: string): Sql {
  const isSame = (alias: string) =>
    raw(`${alias}.face_a = ${table}.face_a AND ${alias}.face_b = ${table}.face_b`);
  return sql`(EXISTS (SELECT 1 FROM face_match m WHERE ${isSame('m')} AND m.verdict IS NULL)
    OR EXISTS (SELECT 1 FROM calibration_pair c WHERE ${isSame('c')} AND NOT EXISTS (SELECT 1 FROM match_decision d
      WHERE ${isSame('d')} AND d.verdict <> 'undecided')))`;
}

/** Pairs whose answer is known: what they are, and what reviewers say of them. */
export class KnownPairs {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(database: Database, { clock, random }: { clock: Clock; random: Random }) {
    this.#database = database;
    this.#clock = clock;
    this.#random = random;
  }

  /** Known pairs that this reviewer has said nothing of and did not decide, always in the same order; from now on their word on these is an answer. */
  async plant(speaker: Speaker, count: number, skip = 0): Promise<PlantedPair[]> {
    if (count <= 0) return [];
    const reviewer = reviewerOf(speaker);
    let rows = await this.#unanswered(speaker, count, skip);
    if (rows.length === 0 && (await this.refresh())) rows = await this.#unanswered(speaker, count, skip);
    const now = this.#clock();
    const isNoted = (at: unknown) => typeof at === 'string' && Date.parse(at) > now - NOTE_AGAIN_MS;
    const unnoted = rows.filter(({ asked_at }) => !isNoted(asked_at));
    if (unnoted.length > 0) {
      const ids = unnoted.map(() => randomUUID());
      await this.#database.write((session) =>
        session.run(
          unnoted.flatMap(({ face_a, face_b, image_a, image_b }, at) => {
            const isIt = sql`reviewer = ${text(reviewer)} AND face_a = ${text(face_a as string)} AND face_b = ${text(face_b as string)}`;
            return [
              sql`UPDATE known_answer SET asked_at = ${text(new Date(now).toISOString())} WHERE ${isIt}`,
              sql`INSERT INTO known_answer (answer_id, reviewer, face_a, face_b, image_a, image_b, asked_at)
                SELECT ${text(ids[at])}, ${text(reviewer)}, ${text(face_a as string)}, ${text(face_b as string)},
                  ${text(image_a as string)}, ${text(image_b as string)}, ${text(new Date(now).toISOString())}
                WHERE NOT EXISTS (SELECT 1 FROM known_answer WHERE ${isIt})`,
            ];
          }),
        ),
      );
    }
    return rows.map((row) => ({
      faces: [row.face_a as string, row.face_b as string],
      images: [row.image_a as string, row.image_b as string],
    }));
  }

  async #unanswered(speaker: Speaker, count: number, skip: number): Promise<Row[]> {
    const [rows = []] = await this.#database.read([
      sql`SELECT p.face_a, p.face_b, p.image_a, p.image_b, k.asked_at FROM known_pair p
        JOIN face fa ON fa.face_key = p.face_a JOIN face fb ON fb.face_key = p.face_b
        LEFT JOIN known_answer k ON k.reviewer = ${text(reviewerOf(speaker))} AND k.face_a = p.face_a AND k.face_b = p.face_b
        WHERE k.word IS NULL AND NOT ${isRealCase('p')}
          AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.face_a = p.face_a AND d.face_b = p.face_b AND d.decided_by = ${whoText(nameOf(speaker))})
        ORDER BY p.position, p.face_a${this.#database.dialect.limit(count, skip)}`,
    ]);
    return rows;
  }

  /**
   * Takes a word as the answer about a pair that was put before this reviewer; `undecided` takes it back. The last counts.
   *
   * @returns false where the pair was not, or is a real case by now: then the word is a decision
   */
  async answer(
    speaker: Speaker,
    pair: readonly [string, string],
    word: Answer | 'undecided',
  ): Promise<boolean> {
    const [a, b] = pair[0] < pair[1] ? pair : [pair[1], pair[0]];
    const since = new Date(this.#clock() - ASKED_MS).toISOString();
    const isIt = sql`k.reviewer = ${text(reviewerOf(speaker))} AND k.face_a = ${text(a)} AND k.face_b = ${text(b)}`;
    const [[asked] = []] = await this.#database.read([
      sql`SELECT k.answer_id, c.reviewer FROM known_answer k LEFT JOIN reviewer_consent c ON c.reviewer = k.reviewer
        WHERE ${isIt} AND k.asked_at >= ${text(since)} AND NOT ${isRealCase('k')}`,
    ]);
    if (!asked) return false;
    // Of one who has taken the agreement back nothing is kept.
    const said = word === 'undecided' || asked.reviewer === null ? null : word;
    await this.#database.write((session) =>
      session.run([
        sql`UPDATE known_answer SET word = ${text(said)}, said_at = ${text(said === null ? null : this.#at())}
          WHERE answer_id = ${text(asked.answer_id as string)}`,
      ]),
    );
    return true;
  }

  /** Looks for known pairs where that was not done for some time, and where anybody is to be measured at all. */
  async refresh(afterMs = LOOK_AGAIN_MS): Promise<boolean> {
    const [[row] = []] = await this.#database.read([
      sql`SELECT looked_at FROM reviewer_measuring WHERE id = 1`,
    ]);
    if (!row || (row.looked_at !== null && Date.parse(row.looked_at as string) > this.#clock() - afterMs))
      return false;
    await this.look();
    return true;
  }

  /** Finds pairs whose answer is known as decisions stand now, and forgets those of which it is not any more. */
  async look(): Promise<void> {
    const known = await readKnown(this.#database);
    const [rows = []] = await this.#database.read([sql`SELECT face_a, face_b, answer FROM known_pair`]);
    const kept: Record<Answer, number> = { same: 0, different: 0 };
    const gone = rows.filter(({ face_a, face_b, answer }) => {
      const holds = known.answerTo(face_a as string, face_b as string) === answer;
      if (holds) kept[answer as Answer] += 1;
      return !holds;
    });
    const added = known.draw(MOST_KNOWN, this.#random).filter(({ answer }) => {
      kept[answer] += 1;
      return kept[answer] <= MOST_KNOWN;
    });
    const placed = added.map((pair) => ({ ...pair, position: Math.floor(this.#random() * 2 ** 40) }));
    const [at, forgotten] = [this.#at(), new Date(this.#clock() - ASKED_MS).toISOString()];
    await this.#database.write(async (session) => {
      await session.run([
        ...gone.map(
          ({ face_a, face_b }) =>
            sql`DELETE FROM known_pair WHERE face_a = ${text(face_a as string)} AND face_b = ${text(face_b as string)}`,
        ),
        ...placed.map(
          ({ faces: [a, b], images, answer, position }) => sql`INSERT INTO known_pair (${COLUMNS})
            SELECT ${join([...[a, b, ...images, answer].map(text), bigint(position)], ', ')}
            WHERE NOT EXISTS (SELECT 1 FROM known_pair WHERE face_a = ${text(a)} AND face_b = ${text(b)})`,
        ),
        sql`DELETE FROM known_answer WHERE word IS NULL AND asked_at < ${text(forgotten)}`,
        sql`UPDATE reviewer_measuring SET looked_at = ${text(at)} WHERE id = 1`,
      ]);
    });
  }

  #at(): string {
    return new Date(this.#clock()).toISOString();
  }
}

const COLUMNS = sql`face_a, face_b, image_a, image_b, answer, position`;
