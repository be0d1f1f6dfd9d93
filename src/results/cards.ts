import type { Database, Session } from '../database/database.ts';
import { join, sql, text } from '../database/sql.ts';
import { STEPS_OF } from '../domain/looked-for.ts';
import { type Card, cardIn, cardText, toCard } from './card.ts';
import type { Position } from './rows.ts';

type Reader = Pick<Session, 'read'>;

/** Cards that one transaction makes: as many rows are locked meanwhile. */
const MADE_AT_ONCE = 20;

/** Cards of images by their id; those that have none are made of the tables, unless they have no row any more. */
export async function readCards(
  reader: Reader,
  images: readonly Pick<Position, 'id' | 'finishedAt'>[],
): Promise<Map<string, Card>> {
  // A statement for each, all in one request: by both parts of the key, or SQLite looks for each time with each id.
  const found = await reader.read(
    images.map(
      ({ id, finishedAt }) =>
        sql`SELECT image_id, [timestamp], card FROM image_card WHERE [timestamp] = ${text(finishedAt)} AND image_id = ${text(id)}`,
    ),
  );
  const cards = new Map(found.flat().map((row) => [row.image_id as string, cardIn(row)]));
  const without = images.flatMap(({ id }) => (cards.has(id) ? [] : [id]));
  for (const card of await cardsOfTables(reader, without)) cards.set(card.id, card);
  return cards;
}

/** Columns that stand before the long ones in the row, so that no outputs are read. */
const COLUMNS = join(
  [
    sql`id, batch_id, [timestamp], status, face_count, width, height`,
    sql`reason_code, reason, image_url, caption`,
  ],
  ', ',
);

async function cardsOfTables(reader: Reader, ids: readonly string[]): Promise<Card[]> {
  if (ids.length === 0) return [];
  const list = join(ids.map(text), ', ');
  const [rows = [], tags = [], warnings = [], looked = [], faces = []] = await reader.read([
    sql`SELECT ${COLUMNS} FROM pipeline_output WHERE id IN (${list})`,
    sql`SELECT image_id, name, confidence FROM image_tag WHERE image_id IN (${list})`,
    sql`SELECT image_id, code FROM image_warning WHERE image_id IN (${list})`,
    sql`SELECT image_id FROM image_step WHERE image_id IN (${list}) AND step = ${text(STEPS_OF.faces[0])} AND state = 'done'`,
    sql`SELECT image_id, MIN(rect_left) AS first_x, MAX(rect_left + rect_width) AS last_x,
      MIN(rect_top) AS first_y, MAX(rect_top + rect_height) AS last_y
      FROM face WHERE image_id IN (${list}) GROUP BY image_id`,
  ]);
  const tagsOf = Map.groupBy(tags, ({ image_id }) => image_id);
  const warningsOf = Map.groupBy(warnings, ({ image_id }) => image_id);
  const lookedAt = new Set(looked.map(({ image_id }) => image_id));
  const facesOf = new Map(faces.map((row) => [row.image_id, row]));
  return rows.map((row) =>
    toCard({
      row,
      tags: tagsOf.get(row.id) ?? [],
      warnings: warningsOf.get(row.id) ?? [],
      lookedForFaces: lookedAt.has(row.id),
      faces: facesOf.get(row.id),
    }),
  );
}

/** Makes the cards of images anew, whose rows this transaction has locked. */
export async function renewCards(session: Session, ids: readonly string[]): Promise<void> {
  const cards = await cardsOfTables(session, ids);
  await session.run([
    sql`DELETE FROM image_card WHERE image_id IN (${join(ids.map(text), ', ')})`,
    ...cards.map(
      (card) =>
        sql`INSERT INTO image_card ([timestamp], image_id, card)
          VALUES (${text(card.finishedAt)}, ${text(card.id)}, ${text(cardText(card))})`,
    ),
  ]);
}

/**
 * Makes the cards of images that were saved before there were any, the newest first. Whoever stops it loses nothing: how far
 * it has come is kept with them.
 *
 * @param until looked at between some and the next: false ends it
 * @returns cards that were made
 */
export async function makeCards(database: Database, until: () => boolean): Promise<number> {
  let made = 0;
  for (;;) {
    const [[fill] = []] = await database.read([sql`SELECT below FROM card_fill WHERE id = 1`]);
    const below = String(fill?.below ?? '');
    if (below === '' || !until()) return made;
    const [rows = []] = await database.read([
      sql`SELECT o.id, o.[timestamp] FROM pipeline_output o WHERE o.[timestamp] <= ${text(below)}
        AND NOT EXISTS (SELECT 1 FROM image_card c WHERE c.[timestamp] = o.[timestamp] AND c.image_id = o.id)
        ORDER BY o.[timestamp] DESC, o.id DESC${database.dialect.limit(MADE_AT_ONCE)}`,
    ]);
    const reached = text(rows.length < MADE_AT_ONCE ? '' : String(rows.at(-1)?.timestamp));
    await database.write(async (session) => {
      if (rows.length > 0) {
        const ids = rows.map(({ id }) => id as string);
        // Changing them takes their locks: a save or an erasure of one comes before or after.
        await session.run([
          sql`UPDATE pipeline_output SET run = run WHERE id IN (${join(ids.map(text), ', ')})`,
        ]);
        await renewCards(session, ids);
      }
      await session.run([sql`UPDATE card_fill SET below = ${reached} WHERE id = 1 AND below > ${reached}`]);
    });
    made += rows.length;
  }
}
