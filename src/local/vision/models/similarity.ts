/** The Euclidean distance at which two faceprints are as likely grouped as not: confidence 0.5. */
export const GROUPING_DISTANCE = 0.55;

/**
 * How steeply confidence falls around {@link GROUPING_DISTANCE}, per unit of distance. Chosen so that the measured
 * distances of one person (0.21 to 0.45) give 0.97 to 0.73 and those of most different people (0.7 and more) below 0.13,
 * which is where the Face service's own confidences lie for such pairs.
 */
const STEEPNESS = 10;

/**
 * Euclidean distance of two faceprints, 0 to about 1.5.
 *
 * @throws {RangeError} if their lengths differ
 */
export function faceDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) {
    throw new RangeError(`Faceprints of ${a.length} and ${b.length} numbers cannot be compared.`);
  }
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return Math.sqrt(sum);
}

/**
 * Confidence, 0 to 1, that a distance is of one person: a logistic curve, strictly falling, 0.5 at
 * {@link GROUPING_DISTANCE}, scaled so that distance 0 (the same photograph) is exactly 1.
 */
export function confidenceOf(distance: number): number {
  const logistic = (x: number) => 1 / (1 + Math.exp(STEEPNESS * (x - GROUPING_DISTANCE)));
  const value = logistic(distance);
  // The part above one half is stretched so that it ends at 1; the part below is left as it is.
  if (distance >= GROUPING_DISTANCE) return value;
  return 0.5 + ((value - 0.5) * 0.5) / (logistic(0) - 0.5);
}

/** {@link confidenceOf} the {@link faceDistance} of two faceprints. */
export function faceConfidence(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return confidenceOf(faceDistance(a, b));
}
