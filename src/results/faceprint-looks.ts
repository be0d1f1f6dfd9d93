import { randomUUID } from 'node:crypto';
import type { Database } from '../database/database.ts';
import { join, raw, type Sql, sql, text } from '../database/sql.ts';

/** Before every moment: the next night. */
const AT_ONCE = '';

/** Notes that a transaction removes where nobody wants them. */
const FORGOTTEN_AT_ONCE = 5000;

/** @param images a SELECT of one column, `image_id`: one without a row has gone, or its day is still to come */
const noteFrom = (images: Sql, due: string): Sql =>
  sql`INSERT INTO faceprint_look (image_id, mark, due_at)
    SELECT found.image_id, ${text(randomUUID())}, ${text(due)} FROM (${images}) found
    WHERE EXISTS (SELECT 1 FROM pipeline_output o WHERE o.id = found.image_id)`;

/**
 * Says that the faces of an image may have been enrolled later than the day of its admission lets expect.
 *
 * @param at when they had been, at the latest: ISO 8601
 */
export const lookLater = (imageId: string, at: string): Sql =>
  sql`INSERT INTO faceprint_look (image_id, mark, due_at) VALUES (${text(imageId)}, ${text(randomUUID())}, ${text(at)})`;

/** That a pair, or what was decided of it, keeps both of its faces in the face lists: as `matchedAmong` has it. */
const HOLDS = {
  face_match: "(verdict IS NULL OR verdict = 'confirmed')",
  match_decision: "verdict = 'confirmed'",
} as const;

/**
 * Says that a pair will not hold its faces in the face lists any more, where it does: before that is so, in the transaction
 * that makes it so.
 *
 * @param which one pair, in each of the tables
 */
export const lookAtPair = (which: Sql, tables: readonly (keyof typeof HOLDS)[]): Sql =>
  noteFrom(
    join(
      tables.flatMap((table) =>
        ['image_a', 'image_b'].map(
          (side) =>
            sql`SELECT ${raw(side)} AS image_id FROM ${raw(table)} WHERE ${which} AND ${raw(HOLDS[table])}`,
        ),
      ),
      ' UNION ',
    ),
    AT_ONCE,
  );

/** The same of all that stand in a pair with a face of an image, before these pairs are removed. */
export const lookAtPartners = (
  imageId: string,
  tables: readonly (keyof typeof HOLDS)[] = ['face_match'],
): Sql[] =>
  tables.map((table) =>
    noteFrom(
      sql`SELECT image_b AS image_id FROM ${raw(table)} WHERE image_a = ${text(imageId)}
        UNION SELECT image_a FROM ${raw(table)} WHERE image_b = ${text(imageId)}`,
      AT_ONCE,
    ),
  );

/** The same of all who stand in a pair at all. */
export const lookAtAllPairs = (): Sql =>
  noteFrom(sql`SELECT image_a AS image_id FROM face_match UNION SELECT image_b FROM face_match`, AT_ONCE);

/** The same of faces that people said are a person's. @param which rows of `person_link` */
export const lookAtLinked = (which: Sql): Sql =>
  noteFrom(
    sql`SELECT DISTINCT image_id FROM person_link WHERE ${which} AND kind = 'same' AND image_id IS NOT NULL`,
    AT_ONCE,
  );

/**
 * Which images have faces that may have to leave the face lists for another reason than that their day has come: a match has
 * gone, a batch is kept no longer, or they were enrolled late. So whoever looks every night reads what has changed,
 * and not every face that stays because it has a match.
 */
export class FaceprintLooks {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Has all images of a batch looked at. */
  async noteBatch(batchId: string): Promise<void> {
    const images = sql`SELECT id AS image_id FROM pipeline_output WHERE batch_id = ${text(batchId)} AND face_count > 0`;
    await this.#database.write((session) => session.run([noteFrom(images, AT_ONCE)]));
  }

  /**
   * Takes what has come due, and what another night has taken and not done.
   *
   * @param before ISO 8601
   * @returns by what it is found, and how many notes there are
   */
  async claim(before: string): Promise<{ claim: string; notes: number }> {
    const claim = randomUUID();
    const notes = await this.#database.write((session) =>
      session.run([sql`UPDATE faceprint_look SET claimed = ${text(claim)} WHERE due_at <= ${text(before)}`]),
    );
    return { claim, notes };
  }

  /** Images that were claimed, in order. */
  async images(claim: string, { after = '', limit }: { after?: string; limit: number }): Promise<string[]> {
    const [rows = []] = await this.#database.read([
      sql`SELECT DISTINCT image_id FROM faceprint_look WHERE claimed = ${text(claim)} AND image_id > ${text(after)}
        ORDER BY image_id${this.#database.dialect.limit(limit)}`,
    ]);
    return rows.map(({ image_id }) => image_id as string);
  }

  /** They have been looked at. */
  async done(claim: string): Promise<void> {
    await this.#database.write((session) =>
      session.run([sql`DELETE FROM faceprint_look WHERE claimed = ${text(claim)}`]),
    );
  }

  /** Nobody is going to look: all notes go. */
  async forget(): Promise<void> {
    for (;;) {
      const [rows = []] = await this.#database.read([
        sql`SELECT image_id FROM faceprint_look ORDER BY image_id${this.#database.dialect.limit(FORGOTTEN_AT_ONCE)}`,
      ]);
      const last = rows.at(-1)?.image_id;
      if (last === undefined) return;
      await this.#database.write((session) =>
        session.run([sql`DELETE FROM faceprint_look WHERE image_id <= ${text(last as string)}`]),
      );
    }
  }
}
