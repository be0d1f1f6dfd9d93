import { chunksOf, listOf } from '../database/chunks.ts';
import type { Session } from '../database/database.ts';
import { sql } from '../database/sql.ts';
import { idsIn, withoutImages } from '../domain/mentions.ts';
import { tombstoneOf } from '../domain/tombstone.ts';
import type { ImageResult } from './rows.ts';

/** Every image that a result names: its own, and each that it matches or otherwise mentions. */
export function imagesOf({ id, matches, jobOutput }: ImageResult): Set<string> {
  return new Set([id, ...matches.map(({ otherImage }) => otherImage), ...idsIn(jobOutput)]);
}

/** Those of the images that have been erased. */
export async function erasedAmong(
  session: Pick<Session, 'read'>,
  ids: ReadonlySet<string>,
): Promise<Set<string>> {
  const byHash = new Map([...ids].map((id) => [tombstoneOf(id), id]));
  const erased = new Set<string>();
  for (const hashes of chunksOf(byHash.keys())) {
    const [rows] = await session.read([
      sql`SELECT image_hash FROM erased_image WHERE image_hash IN (${listOf(hashes)})`,
    ]);
    for (const { image_hash } of rows ?? []) erased.add(byHash.get(String(image_hash)) ?? '');
  }
  return erased;
}

/** The result without what it says about these images. */
export function withoutErased(result: ImageResult, erased: ReadonlySet<string>): ImageResult {
  if (erased.size === 0) return result;
  return {
    ...result,
    matches: result.matches.filter(({ otherImage }) => !erased.has(otherImage)),
    jobOutput: withoutImages(result.jobOutput, erased),
  };
}
