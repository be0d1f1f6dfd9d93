import type { Interval } from '../../domain/interval.ts';

/** Fewest pairs of the kind, and persons in them, of which a share is told: of fewer, an interval says nothing. */
export const FEWEST_PAIRS = 30;
export const FEWEST_PERSONS = 20;

/** Chance that an interval misses on one side. */
const TAIL = 0.025;

/**
 * The middle 95 % of what resampling gave, around what was found.
 *
 * @param resampled shares; what could not be computed is left out
 * @param never the largest share that may well show nothing in a sample like this: where nothing was found, no
 *   resampling finds any, and the interval would be a point
 */
export function estimate(share: number, resampled: readonly number[], never: number): Interval {
  const sorted = resampled.filter(Number.isFinite).sort((a, b) => a - b);
  const at = (quantile: number) =>
    sorted[Math.min(sorted.length - 1, Math.max(0, Math.round(quantile * (sorted.length - 1))))] ?? share;
  return {
    share,
    low: Math.min(share, at(TAIL), share >= 1 ? 1 - never : 1),
    high: Math.max(share, at(1 - TAIL), share <= 0 ? never : 0),
  };
}

/** The largest share of which a sample of this many may well show nothing: (1 - share)^trials is {@link TAIL}. */
export const neverSeen = (trials: number): number => (trials <= 0 ? 1 : 1 - TAIL ** (1 / trials));
