import { chunksOf, listOf } from '../database/chunks.ts';
import type { Database } from '../database/database.ts';
import { raw, type Sql, sql, text } from '../database/sql.ts';
import { enquiryBatch } from '../domain/enquiry-batch.ts';

/** Tables of enquiries, children first; each has `enquiry_id`, and is counted under the second name. */
const TABLES = [
  ['candidate_word', 'candidate'],
  ['candidate', 'candidate'],
  ['enquiry_photo', 'enquiry'],
  ['enquiry_face', 'enquiry'],
  ['enquiry_event', 'enquiry_event'],
  ['outbox', 'outbox'],
  ['enquiry', 'enquiry'],
] as const;

/** Takes enquiries out for good. */
export class EnquiryErasures {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async isThere(enquiry: string): Promise<boolean> {
    const [rows] = await this.#database.read([
      sql`SELECT enquiry_id FROM enquiry WHERE enquiry_id = ${text(enquiry)}`,
    ]);
    return rows?.length === 1;
  }

  /** Rows of these enquiries, and candidates whose best face is in one of these images, by table. */
  async count(enquiries: readonly string[], images: readonly string[]): Promise<Record<string, number>> {
    const found: Record<string, number> = Object.fromEntries(TABLES.map(([, name]) => [name, 0]));
    const add = async (name: string, statement: Sql) => {
      const [rows] = await this.#database.read([statement]);
      found[name] = (found[name] ?? 0) + Number(rows?.[0]?.found ?? 0);
    };
    for (const some of chunksOf(enquiries))
      for (const [table, name] of TABLES)
        await add(
          name,
          sql`SELECT COUNT(*) AS found FROM ${raw(table)} WHERE enquiry_id IN (${listOf(some)})`,
        );
    for (const some of chunksOf(images))
      await add('candidate', sql`SELECT COUNT(*) AS found FROM candidate WHERE ${aboutImages(some)}`);
    return found;
  }

  /** Enquiries that have a candidate whose best face, or its own, is in one of these images. */
  async about(images: readonly string[]): Promise<string[]> {
    const found = new Set<string>();
    for (const some of chunksOf(images)) {
      const [rows = []] = await this.#database.read([
        sql`SELECT DISTINCT enquiry_id FROM candidate WHERE ${aboutImages(some)}`,
      ]);
      for (const { enquiry_id } of rows) found.add(enquiry_id as string);
    }
    return [...found];
  }

  /** Each in a transaction of its own; safe to repeat. */
  async remove(enquiries: readonly string[]): Promise<void> {
    for (const enquiry of enquiries) {
      const id = text(enquiry);
      await this.#database.write((session) =>
        session.run([
          // In turn with those who make candidates: they could write some of an enquiry that is gone.
          sql`UPDATE group_lock SET changes = changes + 1 WHERE id = 1`,
          sql`DELETE FROM candidate_word_face WHERE word_id IN (SELECT word_id FROM candidate_word WHERE enquiry_id = ${id})`,
          sql`DELETE FROM decision WHERE enquiry_id = ${id}`,
          sql`DELETE FROM group_scope WHERE batch_id = ${text(enquiryBatch(enquiry))}`,
          ...TABLES.map(([table]) => sql`DELETE FROM ${raw(table)} WHERE enquiry_id = ${id}`),
        ]),
      );
    }
    if (enquiries.length > 0) await this.#database.forget?.();
  }
}

const aboutImages = (images: readonly string[]): Sql =>
  sql`best_image IN (${listOf(images)}) OR own_image IN (${listOf(images)})`;
