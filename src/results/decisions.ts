import { chunksOf, listOf } from '../database/chunks.ts';
import type { Database } from '../database/database.ts';
import { sql, text } from '../database/sql.ts';
import { type Neighbour, readNeighbours } from './neighbours.ts';
import { type PairView, type ReviewPage, type ReviewQuery, readPairs, readReview } from './pair-view.ts';

/** A pair of face keys, in either order. */
export type FacePair = readonly [string, string];

/** The lower key first, by UTF-16 code units, as pairs are stored. */
export const ordered = ([one, two]: FacePair): FacePair => (one < two ? [one, two] : [two, one]);

/** What people say about possible matches, and the pairs to be asked about. They say it in `people/`. */
export class Decisions {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
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

  /** Whom each of these faces may be: see `neighbours.ts`. */
  neighbours(faces: Iterable<string>): Promise<Map<string, Neighbour[]>> {
    return readNeighbours(this.#database, faces);
  }

  /** Pairs nobody has decided, the surest first. */
  async review(query: ReviewQuery): Promise<PairView[]> {
    return (await this.reviewPage(query)).pairs;
  }

  reviewPage(query: ReviewQuery): Promise<ReviewPage> {
    return readReview(this.#database, query);
  }

  /** Those of the pairs that a person said are not the same, as `ordered` writes them. */
  async rejectedAmong(pairs: readonly FacePair[]): Promise<FacePair[]> {
    const rejected: FacePair[] = [];
    const wanted = new Set(pairs.map((pair) => JSON.stringify(ordered(pair))));
    // By lower face: a face's decisions are few, and one list of keys serves many pairs.
    for (const lower of chunksOf(new Set(pairs.map((pair) => ordered(pair)[0])))) {
      const [rows = []] = await this.#database.read([
        sql`SELECT face_a, face_b FROM match_decision WHERE verdict = 'notSame' AND face_a IN (${listOf(lower)})`,
      ]);
      for (const { face_a, face_b } of rows) {
        const pair = [face_a as string, face_b as string] as const;
        if (wanted.has(JSON.stringify(pair))) rejected.push(pair);
      }
    }
    return rejected;
  }
}
