import type { Database } from '../database/database.ts';
import { int, sql, text } from '../database/sql.ts';
import { insertChildren, textsOf, wordRows, words } from './image-children.ts';

/** The rules of `words.ts` and `fold.ts`, as a number: to be raised with them, so that every image's words are made again. */
export const WORDS_VERSION = 2;

/** Images looked up at once; each is written in a transaction of its own, so that nobody waits for long. */
const AT_ONCE = 100;

/**
 * Makes the search words of images again that were saved under older rules, from the row itself. Whoever stops it loses
 * nothing: what is done is marked with the words, in one transaction.
 *
 * @param until looked at between images: false ends it
 * @returns images whose words were made again
 */
export async function reindexWords(database: Database, until: () => boolean): Promise<number> {
  let done = 0;
  for (;;) {
    const [rows = []] = await database.read([
      sql`SELECT id FROM pipeline_output WHERE words_version < ${int(WORDS_VERSION)} ORDER BY words_version, id${database.dialect.limit(AT_ONCE)}`,
    ]);
    for (const row of rows) {
      if (!until()) return done;
      done += await database.write(async (session) => {
        const id = text(row.id as string);
        // Changing it takes its lock: a save or an erasure of this image comes before or after.
        const claimed = await session.run([
          sql`UPDATE pipeline_output SET words_version = ${int(WORDS_VERSION)} WHERE id = ${id} AND words_version < ${int(WORDS_VERSION)}`,
        ]);
        if (claimed === 0) return 0;
        const [[image] = []] = await session.read([
          sql`SELECT [timestamp], batch_id, image_url, caption, [text], tagsJSON FROM pipeline_output WHERE id = ${id}`,
        ]);
        const tags = JSON.parse(String(image?.tagsJSON ?? '[]')) as { name: string }[];
        const texts = textsOf({
          batchId: String(image?.batch_id ?? ''),
          imageUrl: String(image?.image_url ?? ''),
          tags: tags.map(({ name }) => ({ name, confidence: 0 })),
          caption: String(image?.caption ?? ''),
          text: String(image?.text ?? ''),
        });
        await session.run([
          sql`DELETE FROM image_word WHERE image_id = ${id}`,
          ...insertChildren(
            words,
            String(row.id),
            wordRows(texts, String(image?.timestamp)),
            database.dialect,
          ),
        ]);
        return 1;
      });
    }
    if (rows.length < AT_ONCE) return done;
  }
}
