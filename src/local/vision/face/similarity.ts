/** How far apart two faceprints are, and what that says in the service's terms. */

/** Two faceprints nearer than this are held to be one person: the published threshold for explicit comparison. */
export const SAME_PERSON_DISTANCE = 0.59;

/** Euclidean. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return Math.sqrt(sum);
}

/** 0 to 1, 0.5 at the threshold, as the service's `isIdentical` has it. */
export function confidence(d: number): number {
  return 1 / (1 + Math.exp((d - SAME_PERSON_DISTANCE) * 12));
}
