import type { Interval } from '../../domain/interval.ts';
import { estimate, FEWEST_PAIRS, FEWEST_PERSONS, neverSeen } from './estimate.ts';
import { shareOf, sumFrom } from './sums.ts';
import type { Counted, Tally } from './tally.ts';

/** What a threshold costs. A rate of which too little is known is null. */
export interface AtThreshold {
  readonly threshold: number;
  /** Of all pairs of two people, the share that is as sure as the threshold or surer. */
  readonly falseMatchRate: Interval | null;
  /** Of all pairs of one person, the share that is below the threshold: missed. */
  readonly falseNonMatchRate: Interval | null;
}

/** Both error rates at the beginning of each stratum, ascending. */
export function ratesOf(given: Tally, found: Counted, resampled: readonly Counted[]): AtThreshold[] {
  const known = knownOf(given);
  return given.strata.map(({ from }, at) => ({
    threshold: from,
    falseMatchRate: known.different
      ? estimate(
          falseMatches(found, at, given.unseen),
          resampled.map((counted) => falseMatches(counted, at, given.unseen)),
          mostUnseen(given, found, at),
        )
      : null,
    falseNonMatchRate: known.same
      ? estimate(
          misses(found, at),
          resampled.map((counted) => misses(counted, at)),
          mostMissed(given, found, at),
        )
      : null,
  }));
}

function falseMatches({ different }: Counted, at: number, unseen: number): number {
  const wrong = sumFrom(different, at);
  return shareOf(wrong, sumFrom(different, 0) + unseen);
}

/** Of all pairs of one person, the share below a stratum. */
export function misses({ same, sameBelow }: Counted, at: number): number {
  const all = sumFrom(same, 0) + sameBelow;
  return shareOf(all - sumFrom(same, at), all);
}

/** The rate that the strata from here on could have without a single wrong pair among those that were decided. */
function mostUnseen(given: Tally, { same, different }: Counted, at: number): number {
  const decided = given.pairs.filter(({ stratum }) => stratum >= at).length;
  return shareOf(
    neverSeen(decided) * (sumFrom(same, at) + sumFrom(different, at)),
    sumFrom(different, 0) + given.unseen,
  );
}

/**
 * The misses that the strata below could hold without a single one among the pairs of them that were decided, and
 * without one in as many persons.
 */
export function mostMissed(given: Tally, { same, different }: Counted, at: number): number {
  const below = given.pairs.filter(({ stratum }) => stratum >= 0 && stratum < at).length;
  const weight = sumFrom(same, 0) + sumFrom(different, 0) - sumFrom(same, at) - sumFrom(different, at);
  const unseen = neverSeen(below) * weight;
  const persons = new Set(given.pairs.filter((pair) => pair.same > 0.5).map(({ one }) => one)).size;
  return Math.max(neverSeen(persons), shareOf(unseen, unseen + sumFrom(same, at)));
}

function knownOf({ pairs }: Tally): { same: boolean; different: boolean } {
  const persons = { same: new Set<number>(), different: new Set<number>() };
  const counts = { same: 0, different: 0 };
  for (const { same, one, other, stratum } of pairs) {
    const kind = same > 0.5 ? 'same' : 'different';
    if (kind === 'different' && stratum < 0) continue;
    counts[kind] += 1;
    persons[kind].add(one).add(other);
  }
  const enough = (kind: 'same' | 'different') =>
    counts[kind] >= FEWEST_PAIRS && persons[kind].size >= FEWEST_PERSONS;
  return { same: enough('same'), different: enough('different') };
}
