import type { Database } from '../database/database.ts';
import { insertRows, int, type Sql, sql, text } from '../database/sql.ts';
import { fileName } from '../domain/file-name.ts';
import type { ImageResult } from './rows.ts';
import { indexEntries } from './words.ts';

/** The rules of `words.ts` and `fold.ts`, as a number: to be raised with them, so that every image's words are made again. */
export const WORDS_VERSION = 2;

/** Images looked up at once; each is written in a transaction of its own, so that nobody waits for long. */
const AT_ONCE = 100;

/** All that an image is found by in words: what it is called first, for of a very long text only the beginning counts. */
export const textsOf = ({
  batchId,
  imageUrl,
  tags,
  caption,
  text: read,
}: Pick<ImageResult, 'batchId' | 'imageUrl' | 'tags' | 'caption' | 'text'>): string[] => [
  fileName(imageUrl),
  batchId,
  ...tags.map(({ name }) => name),
  caption ?? '',
  read ?? '',
];

/** The search words of an image, as rows. */
export function wordRows(
  { id, timestamp, texts }: { id: string; timestamp: string; texts: readonly string[] },
  dialect: Database['dialect'],
): Sql[] {
  return insertRows(
    'image_word',
    { image_id: 'text', word: 'text', timestamp: 'text', folded: 'int' },
    [...indexEntries(texts)].map(([word, folded]) => ({
      image_id: id,
      word,
      timestamp,
      folded: folded ? 1 : 0,
    })),
    dialect,
  );
}

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
          ...wordRows({ id: String(row.id), timestamp: String(image?.timestamp), texts }, database.dialect),
        ]);
        return 1;
      });
    }
    if (rows.length < AT_ONCE) return done;
  }
}
