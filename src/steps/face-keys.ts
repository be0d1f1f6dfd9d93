import { createHash } from 'node:crypto';
import { jobKey } from '../domain/job-id.ts';
import { pairByOverlap } from '../domain/overlap.ts';
import type { Rectangle } from '../domain/rectangle.ts';

/**
 * Keys of the faces of an image, `<job>-<number>`. A face that an earlier run of the job had at the same place keeps
 * its key; a number is never used again for another face.
 *
 * @param highest number that any run has given: a face that the run before no longer saw had one, too
 */
export function assignFaceKeys(
  jobId: string,
  faces: readonly Rectangle[],
  previous: readonly { faceKey: string; faceRectangle: Rectangle }[] = [],
  highest = 0,
): string[] {
  const pairs = pairByOverlap(
    faces,
    previous.map((face) => face.faceRectangle),
  );
  let last = Math.max(highest, ...previous.map(({ faceKey }) => numberOf(faceKey)));
  return faces.map((_, index) => {
    const pair = pairs[index];
    const known = pair === undefined ? undefined : previous[pair];
    if (known) return known.faceKey;
    last += 1;
    return `${jobKey(jobId)}-${last}`;
  });
}

/** The number in a key of `assignFaceKeys`; 0 where the key is none of these. */
export const numberOf = (faceKey: string): number => Number(faceKey.split('-').at(-1)) || 0;

/**
 * The key that a job gives a face which a message brought along under this key. A key names one face of one job, in the
 * gallery and in the results: the same message posted about many images must not make their faces one.
 */
export function ownFaceKey(jobId: string, key: string): string {
  const prefix = `${jobKey(jobId)}-`;
  const isOwn = key.startsWith(prefix) && /^\w{1,32}$/.test(key.slice(prefix.length));
  return isOwn ? key : `${prefix}${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
}
