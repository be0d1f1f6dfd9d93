import type { Interval } from '../../domain/interval.ts';
import { estimate, FEWEST_PAIRS, FEWEST_PERSONS, neverSeen } from './estimate.ts';
import type { DecidedPair } from './pair.ts';
import { misses, mostMissed } from './rates.ts';
import { resample } from './resample.ts';
import { shareOf, sumFrom } from './sums.ts';
import { type Counted, countPairs, type Tally } from './tally.ts';

/** Errors at the threshold among some of the pairs: those of a group, or of photographs so many years apart. */
export interface Slice {
  /** `sex: female`, or `2 to 5 years apart`. */
  readonly name: string;
  readonly pairs: number;
  readonly persons: number;
  /** Of the pairs of one person, the share that is below the threshold. Null where too few were decided. */
  readonly missed: Interval | null;
  /** Of the pairs that are offered, the share that is of two people. Null where too few were decided. */
  readonly wrongAmongOffered: Interval | null;
}

const AGE_GAPS = [
  { name: 'less than 2 years apart', below: 2 },
  { name: '2 to 5 years apart', below: 5 },
  { name: '5 to 10 years apart', below: 10 },
  { name: '10 years apart and more', below: Number.POSITIVE_INFINITY },
] as const;

/** Names of the slices that a pair belongs to, each once. */
export const groupNames = ({ groups = [] }: DecidedPair): readonly string[] => [...new Set(groups)];

export function ageGapNames({ ageGap }: DecidedPair): readonly string[] {
  const band = ageGap === undefined ? undefined : AGE_GAPS.find(({ below }) => ageGap < below);
  return band ? [band.name] : [];
}

/**
 * The errors slice by slice, by name. Weights are those of all pairs: what a slice lacks is not guessed from others.
 *
 * @param threshold beginning of a stratum
 */
export function slicesOf(
  pairs: readonly DecidedPair[],
  whole: Tally,
  namesOf: (pair: DecidedPair) => readonly string[],
  threshold: number,
  random: () => number,
): Slice[] {
  const members = new Map<string, number[]>();
  pairs.forEach((pair, at) => {
    for (const name of namesOf(pair)) members.set(name, [...(members.get(name) ?? []), at]);
  });
  return [...members]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, positions]) => slice(name, restrict(whole, positions), threshold, random));
}

/** The same tally, of some of its pairs: persons are numbered anew, so that only they are resampled. */
function restrict(whole: Tally, positions: readonly number[]): Tally {
  const persons = new Map<number, number>();
  const numberOf = (person: number) => {
    const known = persons.get(person) ?? persons.size;
    persons.set(person, known);
    return known;
  };
  const pairs = positions
    .map((at) => whole.pairs[at] as Tally['pairs'][number])
    .map((pair) => ({ ...pair, one: numberOf(pair.one), other: numberOf(pair.other) }));
  return { ...whole, pairs, persons: persons.size, unseen: 0 };
}

function slice(name: string, given: Tally, threshold: number, random: () => number): Slice {
  const at = given.strata.findIndex(({ from }) => from === threshold);
  const same = given.pairs.filter((pair) => pair.same > 0.5);
  const offered = given.pairs.filter(({ stratum }) => stratum >= at);
  const found = countPairs(given);
  const enough = (some: Tally['pairs']) => some.length >= FEWEST_PAIRS && personsIn(some) >= FEWEST_PERSONS;
  const resampled = enough(same) || enough(offered) ? resample(given, random) : [];
  const told = (share: (counted: Counted) => number, some: Tally['pairs'], never: number) =>
    enough(some) ? estimate(share(found), resampled.map(share), never) : null;
  return {
    name,
    pairs: given.pairs.length,
    persons: given.persons,
    missed: told((counted) => misses(counted, at), same, mostMissed(given, found, at)),
    wrongAmongOffered: told(
      (counted) => {
        const wrong = sumFrom(counted.different, at);
        return shareOf(wrong, wrong + sumFrom(counted.same, at));
      },
      offered,
      neverSeen(personsIn(offered)),
    ),
  };
}

const personsIn = (pairs: Tally['pairs']): number =>
  new Set(pairs.flatMap(({ one, other }) => [one, other])).size;
