import type { Database, Row } from '../database/database.ts';
import { float, join, raw, type Sql, sql, text } from '../database/sql.ts';
import type { Rectangle } from '../domain/rectangle.ts';
import { isNoEnquirys } from './own-pairs.ts';

/** What a person said about a pair of faces. `undecided` takes an earlier word back. */
export type Verdict = 'confirmed' | 'notSame' | 'undecided';

export interface Decision {
  verdict: Verdict;
  /** Who, as the platform signed them in. */
  by: string;
  /** ISO 8601, UTC. */
  at: string;
}

/** A face in some image, as far as it is known. */
export interface FacePlace {
  face: string;
  imageId: string;
  imageUrl: string;
  rectangle: Rectangle;
  /** Absent while that image is still under way, as are the figures below. */
  batchId?: string;
  imageWidth?: number;
  imageHeight?: number;
  /** Name of the crop in the container `faces`. */
  crop?: string;
}

/** A pair of faces: `a` is the lower face key. */
export interface PairView {
  a: FacePlace;
  b: FacePlace;
  /** 0 to 1: the higher of the two reports. */
  confidence: number;
  marginA?: number;
  marginB?: number;
  /** ISO 8601, UTC. */
  firstSeen: string;
  decision?: Decision;
}

/** The order of the review queue: the surest first. */
interface ReviewPosition {
  confidence: number;
  a: string;
  b: string;
}

const place = (side: 'a' | 'b'): string =>
  ['left', 'top', 'width', 'height']
    .map((name) => `COALESCE(f${side}.rect_${name}, m.rect_${side}_${name}) AS rect_${side}_${name}`)
    .concat(
      ['face', 'image', 'image_url', 'margin'].map((name) => `m.${name}_${side} AS ${name}_${side}`),
      `o${side}.batch_id AS batch_${side}`,
      `o${side}.width AS width_${side}`,
      `o${side}.height AS height_${side}`,
      `f${side}.crop AS crop_${side}`,
    )
    .join(', ');

const COLUMNS = raw(
  `${place('a')}, ${place('b')}, m.confidence, m.first_seen, d.verdict, d.decided_by, d.decided_at`,
);

const WITH_PLACES = raw(`
  LEFT JOIN pipeline_output oa ON oa.id = m.image_a
  LEFT JOIN pipeline_output ob ON ob.id = m.image_b
  LEFT JOIN face fa ON fa.face_key = m.face_a AND fa.image_id = m.image_a
  LEFT JOIN face fb ON fb.face_key = m.face_b AND fb.image_id = m.image_b
  LEFT JOIN match_decision d ON d.face_a = m.face_a AND d.face_b = m.face_b`);

const LIVING = sql`${isNoEnquirys('m')} AND (oa.status IS NULL OR oa.status NOT IN ('gone', 'superseded'))
    AND (ob.status IS NULL OR ob.status NOT IN ('gone', 'superseded'))`;

/**
 * Pairs that are in one of the sets that the conditions on `m` describe, the surest first. Those of an enquiry are shown as
 * its candidates only: whoever gives a second word must find their score nowhere.
 */
export async function readPairs(database: Database, ...conditions: Sql[]): Promise<PairView[]> {
  const sets = await database.read(
    conditions.map(
      (condition) => sql`SELECT ${COLUMNS} FROM face_match m ${WITH_PLACES} WHERE ${LIVING} AND ${condition}`,
    ),
  );
  return sets
    .flat()
    .map(toPair)
    .sort(
      (one, two) =>
        two.confidence - one.confidence || order(one.a.face, two.a.face) || order(one.b.face, two.b.face),
    );
}

export interface ReviewQuery {
  minConfidence: number;
  /** Pairs of which a photograph is in this batch. */
  batchId?: string;
  /** Pairs of which a face stands in this group. */
  groupId?: string;
  after?: ReviewPosition;
  limit: number;
}

export interface ReviewPage {
  pairs: PairView[];
  /** Where to go on; of a batch or a group a page may hold fewer pairs than asked for, or none, and yet have this. */
  next?: ReviewPosition;
}

/** Undecided pairs that are looked at for one page of a batch or a group, for no index knows both. */
const WINDOW = 3000;

/** That a pair stands behind a position. */
const behind = ({ confidence, a, b }: ReviewPosition): Sql => {
  const least = float(confidence);
  return sql`m.confidence <= ${least} AND (m.confidence < ${least} OR m.face_a < ${text(a)}
    OR (m.face_a = ${text(a)} AND m.face_b < ${text(b)}))`;
};

const surestFirst = raw(' ORDER BY m.confidence DESC, m.face_a DESC, m.face_b DESC');

/**
 * Pairs nobody has decided, the surest first. Walks one index from where it goes on, and looks up what belongs to those
 * pairs only: a server that joins first would sort every undecided pair there is.
 */
export async function readReview(
  database: Database,
  { minConfidence, batchId, groupId, after, limit }: ReviewQuery,
  window = WINDOW,
): Promise<ReviewPage> {
  const { dialect } = database;
  const isNarrow = batchId !== undefined || groupId !== undefined;
  const size = isNarrow ? window : limit;
  const wanted = [
    LIVING,
    // The word of record: a rerun may have written the pair while it was being decided.
    raw(`(d.verdict IS NULL OR d.verdict = 'undecided')`),
    ...(batchId === undefined
      ? []
      : [sql`(oa.batch_id = ${text(batchId)} OR ob.batch_id = ${text(batchId)})`]),
    ...(groupId === undefined
      ? []
      : [
          sql`EXISTS (SELECT 1 FROM face_group g WHERE g.group_id = (SELECT k.group_key FROM people_group k WHERE k.group_id = ${text(groupId)} AND k.batch_id = '')
            AND g.face_key IN (m.face_a, m.face_b))`,
        ]),
  ];
  const pairs: PairView[] = [];
  for (let from = after; ; ) {
    const undecided = join(
      [
        sql`m.enquiry = 0`,
        sql`m.verdict IS NULL`,
        sql`m.confidence >= ${float(minConfidence)}`,
        ...(from === undefined ? [] : [behind(from)]),
      ],
      ' AND ',
    );
    const [[last] = [], rows = []] = await database.read([
      sql`SELECT m.confidence, m.face_a, m.face_b FROM face_match m WHERE ${undecided}${surestFirst}${dialect.limit(1, size - 1)}`,
      sql`SELECT ${COLUMNS} FROM (SELECT m.face_a, m.face_b FROM face_match m WHERE ${undecided}${surestFirst}${dialect.limit(size)}) k
        JOIN face_match m ON m.face_a = k.face_a AND m.face_b = k.face_b ${WITH_PLACES}
        WHERE ${join(wanted, ' AND ')}${surestFirst}${dialect.limit(limit - pairs.length)}`,
    ]);
    pairs.push(...rows.map(toPair));
    const end = last && {
      confidence: last.confidence as number,
      a: String(last.face_a),
      b: String(last.face_b),
    };
    const lowest = pairs.length === limit ? pairs.at(-1) : undefined;
    const next = lowest ? { confidence: lowest.confidence, a: lowest.a.face, b: lowest.b.face } : end;
    if (next === undefined) return { pairs };
    if (lowest || isNarrow) return { pairs, next };
    from = next;
  }
}

const order = (one: string, two: string): number => (one < two ? -1 : one > two ? 1 : 0);

function toPair(row: Row): PairView {
  return {
    a: toPlace(row, 'a'),
    b: toPlace(row, 'b'),
    confidence: row.confidence as number,
    firstSeen: row.first_seen as string,
    ...(row.margin_a !== null && { marginA: row.margin_a as number }),
    ...(row.margin_b !== null && { marginB: row.margin_b as number }),
    ...(row.verdict !== null && {
      decision: {
        verdict: row.verdict as Verdict,
        by: row.decided_by as string,
        at: row.decided_at as string,
      },
    }),
  };
}

const toPlace = (row: Row, side: 'a' | 'b'): FacePlace => ({
  face: row[`face_${side}`] as string,
  imageId: row[`image_${side}`] as string,
  imageUrl: row[`image_url_${side}`] as string,
  rectangle: {
    left: row[`rect_${side}_left`] as number,
    top: row[`rect_${side}_top`] as number,
    width: row[`rect_${side}_width`] as number,
    height: row[`rect_${side}_height`] as number,
  },
  ...(row[`batch_${side}`] !== null && { batchId: row[`batch_${side}`] as string }),
  ...(row[`width_${side}`] !== null && { imageWidth: row[`width_${side}`] as number }),
  ...(row[`height_${side}`] !== null && { imageHeight: row[`height_${side}`] as number }),
  ...(row[`crop_${side}`] !== null && { crop: row[`crop_${side}`] as string }),
});
