import type { Database, Row } from '../database/database.ts';
import { join, raw, sql, text } from '../database/sql.ts';
import { STEPS_OF } from '../domain/looked-for.ts';
import { isNoEnquirys } from './own-pairs.ts';
import type { ImageFilter, ImageStatus, ImageSummary, Position, SummaryPage } from './rows.ts';
import { DEFAULT_LIMIT, type FoundIds, findPage } from './search.ts';

/** Tags of an image in a list: as many as a card can show. */
const TAGS_SHOWN = 12;

/** Columns that stand before the long ones in the row, so that no outputs are read. */
const COLUMNS = raw(
  'id, batch_id, timestamp, status, face_count, width, height, reason_code, reason, image_url, caption',
);

const notRejected = raw(`NOT EXISTS (SELECT 1 FROM match_decision d
  WHERE d.face_a = m.face_a AND d.face_b = m.face_b AND d.verdict = 'notSame')`);

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
    return { ids: page.ids, ...(page.next && { next: { ...page.next, spelling: 'other' } }) };
  };
  if (after?.spelling === 'other') return others(after, limit);
  const exact = await findPage(database, { ...asked, spelling: 'exact', limit, ...(after && { after }) });
  if (exact.next) return exact;
  const room = limit - exact.ids.length;
  if (room <= 0) return { ids: exact.ids, next: OTHERS };
  const rest = await others(undefined, room);
  return { ids: [...exact.ids, ...rest.ids], ...(rest.next && { next: rest.next }) };
}

/** One page of images, in two round trips or three; a few more where words are sought. */
export async function readSummaries(database: Database, filter: ImageFilter): Promise<SummaryPage> {
  const { ids, next } = await findInOrder(database, filter);
  const more = next === undefined ? {} : { next };
  if (ids.length === 0) return { images: [], ...more };
  const list = join(ids.map(text), ', ');
  const matched = (side: string) =>
    sql`SELECT m.image_${raw(side)} AS image_id, COUNT(*) AS matches FROM face_match m
      WHERE m.image_${raw(side)} IN (${list}) AND ${isNoEnquirys('m')} AND ${notRejected} GROUP BY m.image_${raw(side)}`;
  const [rows = [], tags = [], warnings = [], looked = [], faces = [], matchedA = [], matchedB = []] =
    await database.read([
      sql`SELECT ${COLUMNS} FROM pipeline_output WHERE id IN (${list})`,
      sql`SELECT image_id, name, confidence FROM image_tag WHERE image_id IN (${list})`,
      sql`SELECT image_id, code FROM image_warning WHERE image_id IN (${list}) ORDER BY image_id, code`,
      sql`SELECT image_id FROM image_step WHERE image_id IN (${list}) AND step = ${text(STEPS_OF.faces[0])} AND state = 'done'`,
      sql`SELECT image_id, MIN(rect_left) AS first_x, MAX(rect_left + rect_width) AS last_x,
        MIN(rect_top) AS first_y, MAX(rect_top + rect_height) AS last_y
        FROM face WHERE image_id IN (${list}) GROUP BY image_id`,
      matched('a'),
      matched('b'),
    ]);
  const byId = new Map(rows.map((row) => [row.id as string, row]));
  const tagsOf = Map.groupBy(tags, ({ image_id }) => image_id as string);
  const warningsOf = Map.groupBy(warnings, ({ image_id }) => image_id as string);
  const lookedAt = new Set(looked.map(({ image_id }) => image_id as string));
  const facesOf = new Map(faces.map((row) => [row.image_id as string, row]));
  const matches = new Map<string, number>();
  for (const { image_id, matches: count } of [...matchedA, ...matchedB]) {
    matches.set(image_id as string, (matches.get(image_id as string) ?? 0) + Number(count));
  }
  const images = ids.flatMap((id) => {
    const row = byId.get(id);
    return row === undefined
      ? []
      : [
          toSummary(row, {
            tags: tagsOf.get(id) ?? [],
            warnings: warningsOf.get(id) ?? [],
            facesLookedFor: lookedAt.has(id),
            matchCount: matches.get(id) ?? 0,
            faces: facesOf.get(id),
          }),
        ];
  });
  return { images, ...more };
}

function toSummary(
  row: Row,
  {
    tags,
    warnings,
    facesLookedFor,
    matchCount,
    faces,
  }: {
    tags: readonly Row[];
    warnings: readonly Row[];
    facesLookedFor: boolean;
    matchCount: number;
    faces: Row | undefined;
  },
): ImageSummary {
  const here = row.status === 'done' || row.status === 'partial';
  const focus = focusOf(row, faces);
  return {
    id: row.id as string,
    batchId: row.batch_id as string,
    imageUrl: row.image_url as string,
    status: row.status as ImageStatus,
    ...(row.reason_code !== null && {
      reason: { code: row.reason_code as string, message: (row.reason as string | null) ?? '' },
    }),
    ...(row.width !== null && { width: row.width as number }),
    ...(row.height !== null && { height: row.height as number }),
    ...(row.caption !== null && { caption: row.caption as string }),
    tags: tags
      .map(({ name, confidence }) => ({ name: name as string, confidence: confidence as number }))
      .sort((one, two) => two.confidence - one.confidence || (one.name < two.name ? -1 : 1))
      .slice(0, TAGS_SHOWN),
    warningCodes: warnings.map(({ code }) => code as string),
    faceCount: row.face_count as number,
    ...(focus && { focus }),
    facesLookedFor: (row.face_count as number) > 0 || (here && facesLookedFor),
    matchCount: row.status === 'gone' || row.status === 'superseded' ? 0 : matchCount,
    finishedAt: row.timestamp as string,
  };
}

/** The middle of what the faces span, within the picture whatever a detector said. */
function focusOf({ width, height }: Row, faces: Row | undefined): { x: number; y: number } | undefined {
  if (faces === undefined || !(Number(width) > 0) || !(Number(height) > 0)) return undefined;
  const middle = (axis: 'x' | 'y', whole: unknown) =>
    Math.min(
      1,
      Math.max(0, (Number(faces[`first_${axis}`]) + Number(faces[`last_${axis}`])) / 2 / Number(whole)),
    );
  return { x: middle('x', width), y: middle('y', height) };
}
