/** Weight of the strata from this one on. */
export const sumFrom = (weights: Float64Array, from: number): number => {
  let total = 0;
  for (let at = from; at < weights.length; at += 1) total += weights[at] as number;
  return total;
};

/** 0 to 1: reviewers' errors, taken off, can leave less than nothing. NaN where there is no whole. */
export const shareOf = (part: number, whole: number): number =>
  whole > 0 ? Math.min(1, Math.max(0, part / whole)) : Number.NaN;
