import { createHash } from 'node:crypto';
import { jobKey } from '../domain/job-id.ts';
import type { Rectangle } from '../domain/rectangle.ts';

/** Overlap above which two rectangles are the same face: the rule Immich keeps names over a rerun by. */
const SAME_FACE_OVERLAP = 0.5;

/** Intersection over union, 0 to 1. */
export function overlap(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}

/**
 * Pairs rectangles of two detections of one image that show the same face, best overlap first, each at most once.
 *
 * @returns for each of `ones` the index in `others`, or undefined
 */
export function pairByOverlap(
  ones: readonly Rectangle[],
  others: readonly Rectangle[],
): (number | undefined)[] {
  const candidates = ones
    .flatMap((one, i) => others.map((other, j) => ({ i, j, value: overlap(one, other) })))
    .filter(({ value }) => value > SAME_FACE_OVERLAP)
    .sort((a, b) => b.value - a.value);
  const result: (number | undefined)[] = ones.map(() => undefined);
  const taken = new Set<number>();
  for (const { i, j } of candidates) {
    if (result[i] !== undefined || taken.has(j)) continue;
    result[i] = j;
    taken.add(j);
  }
  return result;
}

/**
 * Keys of the faces of an image, `<job>-<number>`. A face that an earlier run of the job had at the same place keeps
 * its key; a number is never used again for another face.
 */
export function assignFaceKeys(
  jobId: string,
  faces: readonly Rectangle[],
  previous: readonly { faceKey: string; faceRectangle: Rectangle }[] = [],
): string[] {
  const pairs = pairByOverlap(
    faces,
    previous.map((face) => face.faceRectangle),
  );
  let last = Math.max(0, ...previous.map((face) => Number(face.faceKey.split('-').at(-1)) || 0));
  return faces.map((_, index) => {
    const pair = pairs[index];
    const known = pair === undefined ? undefined : previous[pair];
    if (known) return known.faceKey;
    last += 1;
    return `${jobKey(jobId)}-${last}`;
  });
}

/**
 * The key that a job gives a face which a message brought along under this key. A key names one face of one job, in the
 * gallery and in the results: the same message posted about many images must not make their faces one.
 */
export function ownFaceKey(jobId: string, key: string): string {
  const prefix = `${jobKey(jobId)}-`;
  const isOwn = key.startsWith(prefix) && /^\w{1,32}$/.test(key.slice(prefix.length));
  return isOwn ? key : `${prefix}${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
}
