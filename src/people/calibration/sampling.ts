import type { Database } from '../../database/database.ts';
import { float, sql, text } from '../../database/sql.ts';
import { RESERVED_RANGE } from '../../domain/enquiry-batch.ts';
import type { Random } from '../../domain/ports.ts';
import type { Rectangle } from '../../domain/rectangle.ts';
import { rectangleOf } from '../../results/face-place.ts';
import type { ScoredPair } from './draw.ts';
import type { Stratum } from './strata.ts';

/** An enrolled face, and where it stands. */
export interface EnrolledFace {
  readonly face: string;
  readonly imageId: string;
  readonly batchId: string;
  readonly imageUrl: string;
  readonly rectangle: Rectangle;
}

/** Different whole numbers below `all`, at random, ascending; all of them where they are no more than asked for. */
export function randomPositions(count: number, all: number, random: Random): number[] {
  const chosen = new Set<number>();
  // Floyd's way: each choice is made once, however many there are.
  for (let top = Math.max(0, all - count); top < all; top += 1) {
    const drawn = Math.floor(random() * (top + 1));
    chosen.add(chosen.has(drawn) ? top : drawn);
  }
  return [...chosen].sort((a, b) => a - b);
}

/** Faces of enquiries are drawn for nobody: what they are like is judged as a candidate, by two. */
const ARCHIVE = sql`f.enrolled = 1 AND NOT (o.batch_id >= ${text(RESERVED_RANGE[0])} AND o.batch_id < ${text(RESERVED_RANGE[1])})`;

/** Enrolled faces of the archive, each as likely as any other. */
export async function sampleFaces(
  database: Database,
  count: number,
  random: Random,
): Promise<{ all: number; sampled: EnrolledFace[] }> {
  const [[counted] = []] = await database.read([
    sql`SELECT COUNT(*) AS n FROM face f JOIN pipeline_output o ON o.id = f.image_id WHERE ${ARCHIVE}`,
  ]);
  const all = Number(counted?.n ?? 0);
  const sampled: EnrolledFace[] = [];
  for (const at of randomPositions(count, all, random)) {
    const [[row] = []] = await database.read([
      sql`SELECT f.face_key, f.image_id, f.rect_left, f.rect_top, f.rect_width, f.rect_height, o.batch_id, o.image_url
        FROM face f JOIN pipeline_output o ON o.id = f.image_id WHERE ${ARCHIVE} ORDER BY f.face_key${database.dialect.limit(1, at)}`,
    ]);
    if (!row) continue;
    sampled.push({
      face: row.face_key as string,
      imageId: row.image_id as string,
      batchId: row.batch_id as string,
      imageUrl: row.image_url as string,
      rectangle: rectangleOf(row),
    });
  }
  return { all, sampled };
}

/** Pairs of a stratum that are offered and that nobody has decided, each as likely as any other. */
export async function sampleOffered(
  database: Database,
  { from, to }: Stratum,
  count: number,
  random: Random,
): Promise<ScoredPair[]> {
  const undecided = sql`FROM face_match WHERE enquiry = 0 AND verdict IS NULL AND confidence >= ${float(from)}
    AND confidence ${to >= 1 ? sql`<=` : sql`<`} ${float(to)}`;
  const [[counted] = []] = await database.read([sql`SELECT COUNT(*) AS n ${undecided}`]);
  const pairs: ScoredPair[] = [];
  for (const at of randomPositions(count, Number(counted?.n ?? 0), random)) {
    const [[row] = []] = await database.read([
      sql`SELECT face_a, face_b, image_a, image_b, confidence ${undecided} ORDER BY confidence, face_a, face_b${database.dialect.limit(1, at)}`,
    ]);
    if (!row) continue;
    pairs.push({
      faces: [row.face_a as string, row.face_b as string],
      images: [row.image_a as string, row.image_b as string],
      score: row.confidence as number,
    });
  }
  return pairs;
}
