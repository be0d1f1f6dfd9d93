import type { Database } from '../database/database.ts';
import { join, raw, sql, text } from '../database/sql.ts';
import { readCards } from './cards.ts';
import { isNoEnquirys } from './own-pairs.ts';
import type { ImageFilter, Position, SummaryPage } from './rows.ts';
import { DEFAULT_LIMIT, type FoundIds, findPage } from './search.ts';

/** Where a list goes on with other spellings: behind the newest image there can be. */
const OTHERS: Position = { finishedAt: '9999-12-31T23:59:59.999Z', id: '\u{10ffff}', spelling: 'other' };

/** One page of ids, newest first; of a search for words first those that are spelled as they were typed. */
async function findInOrder(database: Database, filter: ImageFilter): Promise<FoundIds> {
  if (filter.text === undefined || filter.spelling !== undefined) return findPage(database, filter);
  const { after, limit = DEFAULT_LIMIT, ...asked } = filter;
  const others = async (from: Position | undefined, room: number): Promise<FoundIds> => {
    const page = await findPage(database, {
      ...asked,
      spelling: 'other',
      limit: room,
      ...(from && { after: from }),
    });
    return { ...page, ...(page.next && { next: { ...page.next, spelling: 'other' } }) };
  };
  if (after?.spelling === 'other') return others(after, limit);
  const exact = await findPage(database, { ...asked, spelling: 'exact', limit, ...(after && { after }) });
  if (exact.next) return exact;
  const room = limit - exact.ids.length;
  if (room <= 0) return { ...exact, next: OTHERS };
  const rest = await others(undefined, room);
  return {
    ids: [...exact.ids, ...rest.ids],
    times: [...exact.times, ...rest.times],
    ...(rest.next && { next: rest.next }),
  };
}

/** One page of images, in three round trips or four; a few more where words are sought. */
export async function readSummaries(database: Database, filter: ImageFilter): Promise<SummaryPage> {
  const { ids, times, next } = await findInOrder(database, filter);
  const more = next === undefined ? {} : { next };
  if (ids.length === 0) return { images: [], ...more };
  const list = join(ids.map(text), ', ');
  const matched = (side: string) =>
    sql`SELECT m.image_${raw(side)} AS image_id, COUNT(*) AS matches FROM face_match m
      WHERE m.image_${raw(side)} IN (${list}) AND ${isNoEnquirys('m')} AND (m.verdict IS NULL OR m.verdict <> 'notSame')
      GROUP BY m.image_${raw(side)}`;
  const matches = new Map<string, number>();
  for (const { image_id, matches: count } of (await database.read(['a', 'b'].map(matched))).flat())
    matches.set(image_id as string, (matches.get(image_id as string) ?? 0) + Number(count));
  const cards = await readCards(
    database,
    ids.map((id, index) => ({ id, finishedAt: times[index] ?? '' })),
  );
  const images = ids.flatMap((id) => {
    const card = cards.get(id);
    if (card === undefined) return [];
    const ended = card.status === 'gone' || card.status === 'superseded';
    return [{ ...card, matchCount: ended ? 0 : (matches.get(id) ?? 0) }];
  });
  return { images, ...more };
}
