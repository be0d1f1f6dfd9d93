import type { Database, Row } from '../database/database.ts';
import { float, join, raw, type Sql, sql, text } from '../database/sql.ts';
import type { Rectangle } from '../domain/rectangle.ts';

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
export interface ReviewPosition {
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

const SELECT =
  raw(`SELECT ${place('a')}, ${place('b')}, m.confidence, m.first_seen, d.verdict, d.decided_by, d.decided_at
  FROM face_match m
  LEFT JOIN pipeline_output oa ON oa.id = m.image_a
  LEFT JOIN pipeline_output ob ON ob.id = m.image_b
  LEFT JOIN face fa ON fa.face_key = m.face_a AND fa.image_id = m.image_a
  LEFT JOIN face fb ON fb.face_key = m.face_b AND fb.image_id = m.image_b
  LEFT JOIN match_decision d ON d.face_a = m.face_a AND d.face_b = m.face_b
  WHERE m.enquiry = 0 AND (oa.status IS NULL OR oa.status NOT IN ('gone', 'superseded'))
    AND (ob.status IS NULL OR ob.status NOT IN ('gone', 'superseded')) AND `);

/**
 * Pairs that are in one of the sets that the conditions on `m` describe, the surest first. Those of an enquiry are shown as
 * its candidates only: whoever gives a second word must find their score nowhere.
 */
export async function readPairs(database: Database, ...conditions: Sql[]): Promise<PairView[]> {
  const sets = await database.read(conditions.map((condition) => sql`${SELECT}${condition}`));
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
  after?: ReviewPosition;
  limit: number;
}

export interface ReviewPage {
  pairs: PairView[];
  /** Where to go on; of a batch a page may hold fewer pairs than asked for, or none, and yet have this. */
  next?: ReviewPosition;
}

/** Undecided pairs that are looked at for one page of a batch, for no index knows both. */
const WINDOW = 3000;

/** That a pair stands behind a position. */
const behind = ({ confidence, a, b }: ReviewPosition): Sql => {
  const least = float(confidence);
  return sql`m.confidence <= ${least} AND (m.confidence < ${least} OR m.face_a < ${text(a)}
    OR (m.face_a = ${text(a)} AND m.face_b < ${text(b)}))`;
};
/** That a pair stands at a position or before it. */
const until = ({ confidence, a, b }: ReviewPosition): Sql => {
  const least = float(confidence);
  return sql`m.confidence >= ${least} AND (m.confidence > ${least} OR m.face_a > ${text(a)}
    OR (m.face_a = ${text(a)} AND m.face_b >= ${text(b)}))`;
};

const surestFirst = raw(' ORDER BY m.confidence DESC, m.face_a DESC, m.face_b DESC');

/** Pairs nobody has decided, the surest first. Walks one index, whatever was decided before. */
export async function readReview(
  database: Database,
  { minConfidence, batchId, after, limit }: ReviewQuery,
  window = WINDOW,
): Promise<ReviewPage> {
  const { dialect } = database;
  const undecided = [
    sql`m.verdict IS NULL`,
    sql`m.confidence >= ${float(minConfidence)}`,
    ...(after === undefined ? [] : [behind(after)]),
  ];
  let end: ReviewPosition | undefined;
  if (batchId !== undefined) {
    const [rows] = await database.read([
      sql`SELECT m.confidence, m.face_a, m.face_b FROM face_match m WHERE ${join(undecided, ' AND ')}${surestFirst}${dialect.limit(1, window - 1)}`,
    ]);
    const [row] = rows ?? [];
    end = row && {
      confidence: row.confidence as number,
      a: String(row.face_a),
      b: String(row.face_b),
    };
  }
  const where = [
    ...undecided,
    // The word of record: a rerun may have written the pair while it was being decided.
    sql`(d.verdict IS NULL OR d.verdict = 'undecided')`,
    ...(batchId === undefined
      ? []
      : [sql`(oa.batch_id = ${text(batchId)} OR ob.batch_id = ${text(batchId)})`]),
    ...(end === undefined ? [] : [until(end)]),
  ];
  const [rows = []] = await database.read([
    sql`${SELECT}${join(where, ' AND ')}${surestFirst}${dialect.limit(limit)}`,
  ]);
  const pairs = rows.map(toPair);
  const last = pairs.length === limit ? pairs.at(-1) : undefined;
  const next = last === undefined ? end : { confidence: last.confidence, a: last.a.face, b: last.b.face };
  return { pairs, ...(next && { next }) };
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
