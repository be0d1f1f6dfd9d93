import { chunksOf, listOf } from '../database/chunks.ts';
import type { Row, Session } from '../database/database.ts';
import { type Sql, sql } from '../database/sql.ts';
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
  return (await erasedBeside(session, ids, [])).erased;
}

/** The same, with the rows of other questions that are asked in the same round trip. */
export async function erasedBeside(
  session: Pick<Session, 'read'>,
  ids: ReadonlySet<string>,
  others: readonly Sql[],
): Promise<{ erased: Set<string>; rows: Row[][] }> {
  const byHash = new Map([...ids].map((id) => [tombstoneOf(id), id]));
  const looks = [...chunksOf(byHash.keys())].map(
    (hashes) => sql`SELECT image_hash FROM erased_image WHERE image_hash IN (${listOf(hashes)})`,
  );
  const answers = await session.read([...others, ...looks]);
  const found = answers.slice(others.length).flat();
  const erased = new Set(found.map(({ image_hash }) => byHash.get(String(image_hash)) ?? ''));
  return { erased, rows: answers.slice(0, others.length) };
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
