import type { Database, Row } from '../database/database.ts';
import { join, raw, sql, text } from '../database/sql.ts';
import { isNoEnquirys } from './own-pairs.ts';

/** A face that another one may be, as it was found. */
export interface Neighbour {
  readonly face: string;
  readonly confidence: number;
  /** How far the next best face lay below in that search; absent where there was none, or it searched the other way. */
  readonly margin?: number;
}

const AT_ONCE = 500;

/**
 * Whom each of these faces may be, but for those of whom somebody said that they are not. By face; of a face that is like
 * none there is no entry.
 */
export async function readNeighbours(
  database: Database,
  faces: Iterable<string>,
): Promise<Map<string, Neighbour[]>> {
  const found = new Map<string, Neighbour[]>();
  const all = [...new Set(faces)];
  for (let start = 0; start < all.length; start += AT_ONCE) {
    const list = join(all.slice(start, start + AT_ONCE).map(text), ', ');
    const sets = await database.read(
      ['a', 'b'].map((side) => {
        const far = side === 'a' ? 'b' : 'a';
        return sql`SELECT ${raw(`face_${side} AS own, face_${far} AS other, confidence, margin_${side} AS margin`)} FROM face_match m
          WHERE ${isNoEnquirys('m')} AND (verdict IS NULL OR verdict <> 'notSame') AND ${raw(`face_${side}`)} IN (${list})`;
      }),
    );
    for (const row of sets.flat()) {
      const own = row.own as string;
      found.set(own, [...(found.get(own) ?? []), toNeighbour(row)]);
    }
  }
  return found;
}

const toNeighbour = (row: Row): Neighbour => ({
  face: row.other as string,
  confidence: row.confidence as number,
  ...(row.margin !== null && { margin: row.margin as number }),
});
