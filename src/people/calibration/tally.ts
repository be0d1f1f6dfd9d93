import type { DecidedPair, StratumSize } from './pair.ts';
import { type Stratum, stratumIndex } from './strata.ts';

/** How often reviewers are wrong, where that was measured; 0 and 0 takes their word as it is. */
export interface ReviewerErrors {
  /** Of pairs of two people, the share of which they say "same". */
  readonly falseSame: number;
  /** Of pairs of one person, the share of which they say "different". */
  readonly falseDifferent: number;
}

/** Decided pairs made ready to be counted many times over. */
export interface Tally {
  readonly strata: readonly Stratum[];
  /** How many pairs each decided pair of a stratum stands for. */
  readonly weights: readonly number[];
  /** Of each pair its stratum, its persons, and how much of it is "same": 0 or 1, or beyond where reviewers err. */
  readonly pairs: readonly {
    readonly stratum: number;
    readonly one: number;
    readonly other: number;
    readonly same: number;
  }[];
  readonly persons: number;
  /** Pairs below all strata, which are taken for pairs of two people. */
  readonly unseen: number;
}

/** Weight of the pairs in each stratum, after resampling or without it. */
export interface Counted {
  readonly same: Float64Array;
  readonly different: Float64Array;
  /** Pairs of one person that are below all strata: known by people only. */
  readonly sameBelow: number;
}

export function tally(
  pairs: readonly DecidedPair[],
  strata: readonly Stratum[],
  sizes: readonly StratumSize[],
  { unseen, errors }: { unseen: number; errors: ReviewerErrors },
): Tally {
  const persons = new Map<string, number>();
  const numberOf = (person: string) => {
    const known = persons.get(person);
    if (known !== undefined) return known;
    persons.set(person, persons.size);
    return persons.size - 1;
  };
  const spread = 1 - errors.falseSame - errors.falseDifferent;
  if (!(spread > 0)) throw new RangeError('Reviewers who err more often than not tell nothing.');
  const decided = strata.map(() => 0);
  const ready = pairs.map(({ confidence, same, persons: [one, other] }) => {
    const stratum = stratumIndex(strata, confidence);
    if (stratum >= 0) decided[stratum] = (decided[stratum] ?? 0) + 1;
    return {
      stratum,
      one: numberOf(one),
      other: numberOf(other),
      // Rogan and Gladen's estimator, pair by pair: right on average, however often reviewers err.
      same: ((same ? 1 : 0) - errors.falseSame) / spread,
    };
  });
  const sizeOf = new Map(sizes.map(({ from, pairs: size }) => [from, size]));
  const weights = strata.map(({ from }, at) => {
    const known = decided[at] ?? 0;
    // There cannot be fewer pairs than were decided.
    return known === 0 ? 0 : Math.max(known, sizeOf.get(from) ?? 0) / known;
  });
  return { strata, weights, pairs: ready, persons: persons.size, unseen };
}

/**
 * Counts pairs by stratum, each with its weight.
 *
 * @param times how often each person was drawn: a pair counts as often as both of its persons together
 */
export function countPairs({ strata, weights, pairs }: Tally, times?: Int32Array): Counted {
  const same = new Float64Array(strata.length);
  const different = new Float64Array(strata.length);
  let sameBelow = 0;
  for (const pair of pairs) {
    const drawn =
      times === undefined
        ? 1
        : pair.one === pair.other
          ? (times[pair.one] as number)
          : (times[pair.one] as number) * (times[pair.other] as number);
    if (drawn === 0) continue;
    if (pair.stratum < 0) {
      if (pair.same > 0) sameBelow += drawn * pair.same;
      continue;
    }
    const weight = drawn * (weights[pair.stratum] as number);
    same[pair.stratum] = (same[pair.stratum] as number) + weight * pair.same;
    different[pair.stratum] = (different[pair.stratum] as number) + weight * (1 - pair.same);
  }
  return { same, different, sameBelow };
}
