import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seeded } from '../../../src/domain/seeded.ts';
import { calibrate } from '../../../src/people/calibration/calibrate.ts';
import { chanceAmong } from '../../../src/people/calibration/chance.ts';
import { figuresOf, type KnownAnswer } from '../../../src/people/calibration/reviewers.ts';
import { strataOf, stratumIndex } from '../../../src/people/calibration/strata.ts';
import { archive, normalShare, truth } from './simulation.ts';

const THRESHOLDS = [0.3, 0.4, 0.5, 0.6, 0.7];

/** How often the true rates lie in the intervals, over archives of as many seeds. */
function covered(seeds: number, options: Parameters<typeof archive>[1] = {}) {
  const hits = { falseMatchRate: 0, falseNonMatchRate: 0 };
  let told = 0;
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { rates } = calibrate(archive(seed, options));
    for (const rate of rates.filter(({ threshold }) => THRESHOLDS.includes(threshold))) {
      const known = truth(rate.threshold);
      told += 1;
      for (const kind of ['falseMatchRate', 'falseNonMatchRate'] as const) {
        const interval = rate[kind];
        if (interval && interval.low <= known[kind] && known[kind] <= interval.high) hits[kind] += 1;
      }
    }
  }
  return { falseMatchRate: hits.falseMatchRate / told, falseNonMatchRate: hits.falseNonMatchRate / told };
}

describe('known error rates are recovered within their interval', () => {
  test('by reviewers who are always right', () => {
    const shares = covered(14);
    expect(shares.falseMatchRate).toBeGreaterThanOrEqual(0.9);
    expect(shares.falseNonMatchRate).toBeGreaterThanOrEqual(0.9);
  });

  test('by reviewers whose errors are known', () => {
    const shares = covered(14, { reviewers: { falseSame: 0.03, falseDifferent: 0.08 } });
    expect(shares.falseMatchRate).toBeGreaterThanOrEqual(0.9);
    expect(shares.falseNonMatchRate).toBeGreaterThanOrEqual(0.9);
  });

  test('not where strata are not weighted, nor where reviewers err and nobody knows', () => {
    let [fair, unweighted, credulous] = [0, 0, 0];
    for (let seed = 1; seed <= 8; seed += 1) {
      const given = archive(seed, { reviewers: { falseSame: 0.03, falseDifferent: 0 } });
      const known = truth(0.5).falseNonMatchRate;
      const holds = (input: Parameters<typeof calibrate>[0]) => {
        const interval = calibrate(input).rates.find(({ threshold }) => threshold === 0.5)?.falseNonMatchRate;
        return interval && interval.low <= known && known <= interval.high ? 1 : 0;
      };
      fair += holds(given);
      credulous += holds({ ...given, errors: { falseSame: 0, falseDifferent: 0 } });
      const right = archive(seed);
      unweighted += holds({ ...right, sizes: [] });
    }
    expect(fair).toBeGreaterThanOrEqual(7);
    expect(credulous).toBeLessThanOrEqual(4);
    expect(unweighted).toBeLessThanOrEqual(6);
  });

  test('the chance of a candidate is the share of pairs as sure as it that are right', () => {
    const { confidences, ...given } = archive(3);
    const { chances } = calibrate(given);
    let [inside, told] = [0, 0];
    for (const { from, to, chance, decided } of chances) {
      const all = confidences.filter(({ confidence }) => confidence >= from && confidence < to);
      if (decided < 10 || all.length === 0 || !chance) continue;
      const share = all.filter(({ same }) => same).length / all.length;
      told += 1;
      // Within a stratum the shares of this one archive are known exactly: intervals are for many such archives.
      if (chance.low - 0.05 <= share && share <= chance.high + 0.05) inside += 1;
    }
    expect(told).toBeGreaterThan(8);
    expect(inside / told).toBeGreaterThanOrEqual(0.9);
    const line = chances.flatMap(({ chance }) => (chance ? [chance.share] : []));
    expect(line).toEqual([...line].sort((a, b) => a - b));
  });
});

describe('what is not known is not told', () => {
  test('too few decisions give no number', () => {
    const given = archive(1, { persons: 8 });
    const { rates, enough, pairs } = calibrate(given);
    expect(pairs).toBeGreaterThan(0);
    expect(enough).toBe(false);
    expect(rates.every(({ falseNonMatchRate }) => falseNonMatchRate === null)).toBe(true);
    const none = calibrate({ ...given, pairs: [] });
    expect(none.enough).toBe(false);
    expect(none.chances.every(({ chance }) => chance === null)).toBe(true);
  });

  test('no error among the decided is an upper bound, never zero', () => {
    const given = archive(2);
    const perfect = calibrate({
      ...given,
      pairs: given.pairs.map((pair) => ({ ...pair, same: pair.confidence >= 0.5 })),
    });
    const here = perfect.rates.find(({ threshold }) => threshold === 0.5);
    expect(here?.falseMatchRate).toMatchObject({ share: 0, low: 0 });
    expect(here?.falseMatchRate?.high).toBeGreaterThan(0);
    expect(here?.falseNonMatchRate?.share).toBe(0);
    expect(here?.falseNonMatchRate?.high).toBeGreaterThan(0.01);
  });

  test('groups and age gaps are told by themselves, and only where enough of them was decided', () => {
    const given = archive(4, { perStratum: 100 });
    const pairs = given.pairs.map((pair, at) => ({
      ...pair,
      groups: pair.persons.every((person) => Number(person.slice(1)) % 12 === 0)
        ? ['sex: other']
        : ['sex: female'],
      ageGap: at % 2 === 0 ? 1 : 7,
    }));
    const { groups, ageGaps } = calibrate({ ...given, pairs });
    expect(groups.map(({ name }) => name)).toEqual(['sex: female', 'sex: other']);
    expect(groups[0]?.missed).not.toBeNull();
    expect(groups[1]?.missed).toBeNull();
    expect(groups[1]?.wrongAmongOffered).toBeNull();
    expect(ageGaps.map(({ name }) => name)).toEqual(['5 to 10 years apart', 'less than 2 years apart']);
    const { missed } = ageGaps[1] as (typeof ageGaps)[number];
    expect(missed?.low).toBeLessThanOrEqual(truth(0.5).falseNonMatchRate);
    expect(missed?.high).toBeGreaterThanOrEqual(truth(0.5).falseNonMatchRate);
  });
});

describe('a calibration is a function of what was decided', () => {
  const small = archive(5, { persons: 60, perStratum: 20 });

  test('the same seed, the same numbers', () => {
    expect(calibrate(small)).toEqual(calibrate(small));
    const { high } = calibrate(small).rates[6]?.falseMatchRate ?? {};
    const other = calibrate({ ...small, seed: 6 }).rates[6]?.falseMatchRate;
    expect(calibrate({ ...small, seed: 6 }).rates[6]?.falseMatchRate?.share).toBe(other?.share);
    expect(high).toBeGreaterThan(0);
  });

  test('what was found does not hang on the order of the pairs, nor on the names of persons', () => {
    const shares = (pairs: typeof small.pairs) =>
      calibrate({ ...small, pairs }).rates.map(({ falseMatchRate, falseNonMatchRate }) => [
        falseMatchRate?.share.toFixed(12),
        falseNonMatchRate?.share.toFixed(12),
      ]);
    const expected = shares(small.pairs);
    expect(shares([...small.pairs].reverse())).toEqual(expected);
    const renamed = small.pairs.map(({ persons: [one, other], ...pair }) => ({
      ...pair,
      persons: [`x${one}`, `x${other}`] as const,
    }));
    expect(shares(renamed)).toEqual(expected);
  });

  test('intervals hold the share they are of, rates fall and rise with the threshold', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 10, max: 60 }), (seed, persons) => {
        const { rates, chances, groups } = calibrate(archive(seed, { persons, perStratum: 10 }));
        const all = [
          ...rates.flatMap(({ falseMatchRate, falseNonMatchRate }) => [falseMatchRate, falseNonMatchRate]),
          ...chances.map(({ chance }) => chance),
        ].filter((interval) => interval !== null);
        for (const { share, low, high } of all) {
          expect(low).toBeGreaterThanOrEqual(0);
          expect(low).toBeLessThanOrEqual(share);
          expect(high).toBeGreaterThanOrEqual(share);
          expect(high).toBeLessThanOrEqual(1);
        }
        const matches = rates.flatMap(({ falseMatchRate }) => falseMatchRate?.share ?? []);
        const misses = rates.flatMap(({ falseNonMatchRate }) => falseNonMatchRate?.share ?? []);
        expect(matches).toEqual([...matches].sort((a, b) => b - a));
        expect(misses).toEqual([...misses].sort((a, b) => a - b));
        expect(groups).toEqual([]);
      }),
      { numRuns: 15 },
    );
  });
});

test('the chance falls as the archive grows, step by step as in one', () => {
  const chance = fc.double({ min: 0.001, max: 0.999, noNaN: true });
  const faces = fc.integer({ min: 1, max: 10_000_000 });
  fc.assert(
    fc.property(chance, faces, faces, faces, (share, a, b, c) => {
      expect(chanceAmong(share, a, a)).toBeCloseTo(share, 10);
      expect(chanceAmong(chanceAmong(share, a, b), b, c)).toBeCloseTo(chanceAmong(share, a, c), 8);
      if (b > a) expect(chanceAmong(share, a, b)).toBeLessThan(share);
    }),
  );
  expect(chanceAmong(0.5, 1000, 10_000)).toBeCloseTo(1 / 11, 10);
});

test('strata hold every confidence once, and begin at the threshold', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (threshold, confidence) => {
        const strata = strataOf(threshold);
        expect(strata.some(({ from }) => from === threshold)).toBe(true);
        const at = stratumIndex(strata, confidence);
        const inside = strata.filter(({ from, to }) => confidence >= from && (confidence < to || to === 1));
        if (at === -1) expect(inside).toEqual([]);
        else expect(inside).toContain(strata[at]);
      },
    ),
  );
});

describe('reviewers', () => {
  test('their errors are recovered', () => {
    const random = seeded(7);
    for (const [falseSame, falseDifferent] of [
      [0.05, 0.2],
      [0.15, 0.1],
    ] as const) {
      const answers = Array.from({ length: 600 }, (_, at): KnownAnswer => {
        const truth = at % 2 === 0 ? 'same' : 'different';
        const wrong = random() < (truth === 'same' ? falseDifferent : falseSame);
        return { truth, said: wrong === (truth === 'same') ? 'different' : 'same', times: 1 };
      });
      const figures = figuresOf(answers);
      expect(figures.answers).toBe(600);
      expect(figures.falseSame?.low).toBeLessThan(falseSame);
      expect(figures.falseSame?.high).toBeGreaterThan(falseSame);
      expect(figures.falseDifferent?.low).toBeLessThan(falseDifferent);
      expect(figures.falseDifferent?.high).toBeGreaterThan(falseDifferent);
    }
  });

  test('a few answers say nothing, of either kind', () => {
    const answer = (truth: 'same' | 'different', times: number): KnownAnswer => ({
      truth,
      said: 'same',
      times,
    });
    expect(figuresOf([answer('same', 29)])).toEqual({ answers: 29, falseSame: null, falseDifferent: null });
    expect(figuresOf([answer('same', 29), answer('different', 30)])).toMatchObject({
      answers: 59,
      falseSame: { share: 1, high: 1 },
      falseDifferent: null,
    });
  });
});

test('the share below z is the one of the tables', () => {
  expect(normalShare(0)).toBeCloseTo(0.5, 6);
  expect(normalShare(1.959964)).toBeCloseTo(0.975, 5);
  expect(normalShare(-3)).toBeCloseTo(0.0013499, 6);
});
