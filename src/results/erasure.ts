import { chunksOf, listOf } from '../database/chunks.ts';
import type { Database } from '../database/database.ts';
import { join, raw, sql, text } from '../database/sql.ts';
import { withoutImages } from '../domain/mentions.ts';
import type { Clock } from '../domain/ports.ts';
import { tombstoneOf } from '../domain/tombstone.ts';
import { EnquiryErasures } from './enquiry-erasure.ts';
import { FaceprintLooks } from './faceprint-looks.ts';
import { foldCounts } from './fold-counts.ts';
import { behind } from './keyset.ts';
import { removeImages } from './save.ts';
import { rowsAbout } from './table.ts';
import { IMAGE_TABLES, PAIR_TABLES } from './tables.ts';

/** Ids in one statement: of a table with two columns of faces, each is six of the 2,100 parameters that there may be. */
const AT_ONCE = 300;

/** Images that one transaction removes: their pairs and words are hundreds of rows, for which others wait. */
const REMOVED_AT_ONCE = 20;

/** An image that has a row. */
export interface FoundImage {
  id: string;
  batchId: string;
  imageUrl: string;
  /** ISO 8601, UTC. */
  finishedAt: string;
}

/** Takes images out of the results for good. Every method may be repeated after any failure. */
export class Erasures {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly enquiries: EnquiryErasures;
  readonly looks: FaceprintLooks;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
    this.enquiries = new EnquiryErasures(database);
    this.looks = new FaceprintLooks(database);
  }

  /**
   * Sets tombstones. Committed before anything is deleted: see `saveImage`.
   *
   * @param erasure id of the erasure
   */
  async entomb(ids: readonly string[], erasure: string): Promise<void> {
    const at = text(new Date(this.#clock()).toISOString());
    for (const some of chunksOf(ids, AT_ONCE)) {
      await this.#database.write((session) =>
        session.run(
          some.map((id) => {
            const hash = text(tombstoneOf(id));
            return sql`INSERT INTO erased_image (image_hash, erasure, erased_at) SELECT ${hash}, ${text(erasure)}, ${at}
              WHERE NOT EXISTS (SELECT 1 FROM erased_image WHERE image_hash = ${hash})`;
          }),
        ),
      );
    }
  }

  /** Rows about these images, by table. A pair of two of them may be counted twice. */
  async count(ids: readonly string[]): Promise<Record<string, number>> {
    const found = Object.fromEntries(IMAGE_TABLES.map(({ name }) => [name, 0]));
    for (const some of chunksOf(ids, AT_ONCE)) {
      for (const table of IMAGE_TABLES) {
        const [rows] = await this.#database.read([
          sql`SELECT COUNT(*) AS found FROM ${raw(table.name)} WHERE ${join(rowsAbout(table, some), ' OR ')}`,
        ]);
        found[table.name] = (found[table.name] ?? 0) + Number(rows?.[0]?.found ?? 0);
      }
    }
    return found;
  }

  /** Other images that stand in a pair, or in a decision, with one of these. */
  async partnersOf(ids: readonly string[]): Promise<Set<string>> {
    const partners = new Set<string>();
    for (const some of chunksOf(ids, AT_ONCE)) {
      const list = listOf(some);
      const sets = await this.#database.read(
        PAIR_TABLES.flatMap(({ name, images: [one, two] }) => [
          sql`SELECT ${raw(two)} AS id FROM ${raw(name)} WHERE ${raw(one)} IN (${list})`,
          sql`SELECT ${raw(one)} AS id FROM ${raw(name)} WHERE ${raw(two)} IN (${list})`,
        ]),
      );
      // A decision may be about one face and a person.
      for (const { id } of sets.flat()) if (id !== null) partners.add(String(id));
    }
    for (const id of ids) partners.delete(id);
    return partners;
  }

  /**
   * Takes what the outputs of `images` say about `erased` out of them.
   *
   * @param dryRun only counts
   * @returns how many rows said something
   */
  async forgetIn(
    images: readonly string[],
    erased: ReadonlySet<string>,
    { dryRun = false } = {},
  ): Promise<number> {
    let found = 0;
    for (const image of images) {
      const id = text(image);
      found += await this.#database.write(async (session) => {
        // Locked before it is read: its own job may be writing a newer row.
        if (!dryRun) await session.run([sql`UPDATE pipeline_output SET run = run WHERE id = ${id}`]);
        const [rows] = await session.read([sql`SELECT job_output FROM pipeline_output WHERE id = ${id}`]);
        const stored = rows?.[0]?.job_output;
        if (typeof stored !== 'string') return 0;
        const output: unknown = JSON.parse(stored);
        const left = withoutImages(output, erased);
        if (left === output) return 0;
        if (!dryRun) {
          const json = text(JSON.stringify(left));
          await session.run([sql`UPDATE pipeline_output SET job_output = ${json} WHERE id = ${id}`]);
        }
        return 1;
      });
    }
    if (!dryRun && found > 0) await this.#database.forget?.();
    return found;
  }

  /** Removes images with everything about them, some in each transaction, and what files beside the database have of them. */
  async remove(ids: readonly string[], signal: AbortSignal): Promise<void> {
    for (const some of chunksOf(ids, REMOVED_AT_ONCE)) {
      signal.throwIfAborted();
      await this.#database.write((session) =>
        removeImages(session, this.#database.dialect, some, this.#clock()),
      );
    }
    // Its batch and its tags may have been the last of their names.
    await foldCounts(this.#database);
    await this.#database.forget?.();
  }

  /**
   * Images with a row, those that were finished first first: of a batch, or finished before a time (ISO 8601 in UTC). One
   * that is saved anew meanwhile may come again.
   */
  async find(
    where: { batchId: string } | { before: string },
    range: { after?: Pick<FoundImage, 'finishedAt' | 'id'>; limit: number },
  ): Promise<FoundImage[]> {
    const conditions = [
      'batchId' in where ? sql`batch_id = ${text(where.batchId)}` : sql`[timestamp] < ${text(where.before)}`,
      ...(range.after ? [behind(range.after)] : []),
    ];
    const [rows = []] = await this.#database.read([
      sql`SELECT id, batch_id, image_url, [timestamp] FROM pipeline_output WHERE ${join(conditions, ' AND ')}
        ORDER BY [timestamp], id${this.#database.dialect.limit(range.limit)}`,
    ]);
    return rows.map((row) => ({
      id: String(row.id),
      batchId: String(row.batch_id),
      imageUrl: String(row.image_url),
      finishedAt: String(row.timestamp),
    }));
  }

  /**
   * Faces that must stay findable: those in a possible match that nobody has rejected, and those that people said are
   * somebody's.
   */
  async matchedAmong(faces: readonly string[]): Promise<Set<string>> {
    const matched = new Set<string>();
    for (const some of chunksOf(faces, AT_ONCE)) {
      const list = listOf(some);
      const sets = await this.#database.read([
        ...['face_a', 'face_b'].map(
          (side) =>
            sql`SELECT ${raw(side)} AS face FROM face_match WHERE ${raw(side)} IN (${list}) AND (verdict IS NULL OR verdict = 'confirmed')`,
        ),
        ...['face_a', 'face_b'].map(
          (side) =>
            sql`SELECT ${raw(side)} AS face FROM match_decision WHERE ${raw(side)} IN (${list}) AND verdict = 'confirmed'`,
        ),
        sql`SELECT node AS face FROM person_link WHERE node IN (${list}) AND kind = 'same'`,
      ]);
      for (const { face } of sets.flat()) matched.add(String(face));
    }
    return matched;
  }

  /** Notes that faces cannot be found any more. */
  async withdraw(faces: readonly string[]): Promise<void> {
    for (const some of chunksOf(faces, AT_ONCE)) {
      const list = listOf(some);
      await this.#database.write((session) =>
        session.run([sql`UPDATE face SET enrolled = 0 WHERE face_key IN (${list})`]),
      );
    }
  }
}
