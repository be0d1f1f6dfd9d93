import { appendEntry } from '../audit/append.ts';
import { prepareEntry } from '../audit/entry.ts';
import { subject } from '../audit/subject.ts';
import type { Database } from '../database/database.ts';
import { join, type Sql, sql, text } from '../database/sql.ts';
import type { Clock } from '../domain/ports.ts';
import {
  type Decision,
  type PairView,
  type ReviewPage,
  type ReviewQuery,
  readPairs,
  readReview,
  type Verdict,
} from './pair-view.ts';

/** A pair of face keys, in either order. */
export type FacePair = readonly [string, string];

/** The lower key first, by UTF-16 code units, as pairs are stored. */
export const ordered = ([one, two]: FacePair): FacePair => (one < two ? [one, two] : [two, one]);

/** What people say about possible matches, and the pairs to be asked about. */
export class Decisions {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Every pair a face of the image stands in, decided or not, the surest first. */
  ofImage(imageId: string): Promise<PairView[]> {
    const id = text(imageId);
    return readPairs(this.#database, sql`m.image_a = ${id}`, sql`m.image_b = ${id}`);
  }

  /** Every pair the face stands in, decided or not, the surest first. */
  ofFace(face: string): Promise<PairView[]> {
    const key = text(face);
    return readPairs(this.#database, sql`m.face_a = ${key}`, sql`m.face_b = ${key}`);
  }

  /** Pairs nobody has decided, the surest first. */
  async review(query: ReviewQuery): Promise<PairView[]> {
    return (await this.reviewPage(query)).pairs;
  }

  reviewPage(query: ReviewQuery): Promise<ReviewPage> {
    return readReview(this.#database, query);
  }

  /**
   * Writes what a person said about a pair, and who it was into the audit trail. The last word counts.
   *
   * @returns undefined where the two were never a possible match
   */
  decide(pair: FacePair, verdict: Verdict, by: string): Promise<Decision | undefined> {
    const [faceA, faceB] = ordered(pair);
    const same = sql`face_a = ${text(faceA)} AND face_b = ${text(faceB)}`;
    const entry = prepareEntry(
      {
        who: by,
        action: 'match.decided',
        about: [subject.face(faceA), subject.face(faceB)],
        detail: { verdict },
      },
      this.#clock(),
    );
    const { at } = entry;
    return this.#database.write(async (session) => {
      const shown = text(verdict === 'undecided' ? null : verdict);
      // The pair's row is changed first, for its lock: a rerun that writes the pair waits, or is seen here.
      const there = await session.run([sql`UPDATE face_match SET verdict = ${shown} WHERE ${same}`]);
      const [earlier] = await session.read([sql`SELECT verdict FROM match_decision WHERE ${same}`]);
      if (there === 0 && earlier?.length !== 1) return undefined;
      await session.run(
        earlier?.length === 1
          ? [
              sql`UPDATE match_decision SET verdict = ${text(verdict)}, decided_by = ${text(by)}, decided_at = ${text(at)} WHERE ${same}`,
            ]
          : [
              sql`INSERT INTO match_decision (face_a, face_b, image_a, image_b, verdict, decided_by, decided_at)
                SELECT face_a, face_b, image_a, image_b, ${text(verdict)}, ${text(by)}, ${text(at)} FROM face_match WHERE ${same}`,
            ],
      );
      await appendEntry(session, entry);
      return { verdict, by, at };
    });
  }

  /** Those of the pairs that a person said are not the same, as `ordered` writes them. */
  async rejectedAmong(pairs: readonly FacePair[]): Promise<FacePair[]> {
    const rejected: FacePair[] = [];
    const wanted = new Set(pairs.map((pair) => JSON.stringify(ordered(pair))));
    // By lower face: a face's decisions are few, and one list of keys serves many pairs.
    const lower = [...new Set(pairs.map((pair) => ordered(pair)[0]))];
    for (let start = 0; start < lower.length; start += 500) {
      const keys: Sql = join(lower.slice(start, start + 500).map(text), ', ');
      const [rows] = await this.#database.read([
        sql`SELECT face_a, face_b FROM match_decision WHERE verdict = 'notSame' AND face_a IN (${keys})`,
      ]);
      for (const { face_a, face_b } of rows ?? []) {
        const pair = [face_a as string, face_b as string] as const;
        if (wanted.has(JSON.stringify(pair))) rejected.push(pair);
      }
    }
    return rejected;
  }
}
