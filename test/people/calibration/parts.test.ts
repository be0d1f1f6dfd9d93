import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Database } from '../../../src/database/database.ts';
import type { Sql } from '../../../src/database/sql.ts';
import { sqliteDialect } from '../../../src/database/sqlite.ts';
import { calibrate } from '../../../src/people/calibration/calibrate.ts';
import { chanceAmong, chancesOf } from '../../../src/people/calibration/chance.ts';
import { estimate, neverSeen } from '../../../src/people/calibration/estimate.ts';
import { readEvidence } from '../../../src/people/calibration/evidence.ts';
import { misses, mostMissed, ratesOf } from '../../../src/people/calibration/rates.ts';
import { resample } from '../../../src/people/calibration/resample.ts';
import { figuresOf } from '../../../src/people/calibration/reviewers.ts';
import { randomPositions, sampleFaces, sampleOffered } from '../../../src/people/calibration/sampling.ts';
import { ageGapNames, groupNames, slicesOf } from '../../../src/people/calibration/slices.ts';
import { strataOf, stratumIndex } from '../../../src/people/calibration/strata.ts';
import { shareOf, sumFrom } from '../../../src/people/calibration/sums.ts';
import { countPairs, tally } from '../../../src/people/calibration/tally.ts';
import { worthByCalibration } from '../../../src/people/calibration/worth.ts';
import { compareModels } from '../../../src/people/models/compare.ts';
import { archive } from './simulation.ts';

/** The parts of a calibration, each by figures that can be worked out by hand. */
const strata = [
  { from: 0.3, to: 0.5 },
  { from: 0.5, to: 0.7 },
  { from: 0.7, to: 1 },
];
const NO_ERRORS = { falseSame: 0, falseDifferent: 0 };
const pair = (confidence: number, same: boolean, one: string, other = one) => ({
  confidence,
  same,
  persons: [one, other] as const,
});
const weights = (...values: number[]) => new Float64Array(values);

describe('what is counted', () => {
  const pairs = [
    pair(0.8, true, 'a'),
    pair(0.6, true, 'b'),
    pair(0.6, false, 'a', 'c'),
    pair(0.1, true, 'c'),
  ];
  const sizes = [
    { from: 0.5, pairs: 10 },
    { from: 0.7, pairs: 0 },
  ];

  test('stands for as many pairs as its stratum has, never for fewer than were decided', () => {
    const given = tally(pairs, strata, sizes, { unseen: 7, errors: NO_ERRORS });
    expect(given).toEqual({
      strata,
      weights: [0, 5, 1],
      pairs: [
        { stratum: 2, one: 0, other: 0, same: 1 },
        { stratum: 1, one: 1, other: 1, same: 1 },
        { stratum: 1, one: 0, other: 2, same: 0 },
        { stratum: -1, one: 2, other: 2, same: 1 },
      ],
      ...{ persons: 3, unseen: 7 },
    });
    expect(countPairs(given)).toEqual({ same: weights(0, 5, 1), different: weights(0, 5, 0), sameBelow: 1 });
    // Drawn so often: a pair of one person as often as that person, one of two as often as both together.
    expect(countPairs(given, new Int32Array([2, 0, 3]))).toEqual({
      ...{ same: weights(0, 0, 2), different: weights(0, 30, 0), sameBelow: 3 },
    });
  });

  test('takes off how often reviewers err, as far as they are right more often than not', () => {
    const errors = { falseSame: 0.1, falseDifferent: 0.4 };
    const given = tally([pair(0.6, true, 'a'), pair(0.6, false, 'b', 'c')], strata, [], {
      unseen: 0,
      errors,
    });
    expect(given.pairs.map(({ same }) => Math.round(same * 1e9) / 1e9)).toEqual([1.8, -0.2]);
    const none = { falseSame: 0.5, falseDifferent: 0.5 };
    expect(() => tally([], strata, [], { unseen: 0, errors: none })).toThrow(RangeError);
    // Below all strata only what is the same counts.
    const below = tally([pair(0.1, false, 'b', 'c')], strata, [], { unseen: 0, errors });
    expect(countPairs(below).sameBelow).toBe(0);
  });
});

describe('a share', () => {
  test('of nothing is no number, and lies between none and all', () => {
    expect([shareOf(1, 4), shareOf(-1, 4), shareOf(5, 4), shareOf(0, 0), shareOf(0, 1)]).toEqual([
      ...[0.25, 0, 1, Number.NaN, 0],
    ]);
    expect([0, 1, 2, 3].map((from) => sumFrom(weights(1, 2, 4), from))).toEqual([7, 6, 4, 0]);
  });

  test('has an interval of the middle 95 % of what resampling gave, which is never a point at its ends', () => {
    const hundred = Array.from({ length: 101 }, (_, n) => n / 100);
    const shuffled = [...hundred].sort((a, b) => ((a * 37) % 1) - ((b * 37) % 1));
    expect(estimate(0.5, [...shuffled, Number.NaN], 0.2)).toEqual({ share: 0.5, low: 0.03, high: 0.98 });
    const gaps = Array<number>(60).fill(Number.NaN);
    expect(estimate(0.5, [...gaps, ...shuffled], 0.2), 'what could not be computed').toEqual({
      ...{ share: 0.5, low: 0.03, high: 0.98 },
    });
    expect(estimate(0.5, [], 0.2)).toEqual({ share: 0.5, low: 0.5, high: 0.5 });
    expect(estimate(0, [0, 0], 0.2)).toEqual({ share: 0, low: 0, high: 0.2 });
    expect(estimate(1, [1, 1], 0.25)).toEqual({ share: 1, low: 0.75, high: 1 });
    expect(estimate(0.5, [0.9, 0.9], 0.2)).toEqual({ share: 0.5, low: 0.5, high: 0.9 });
    expect(estimate(0.5, [0.1, 0.1], 0.2)).toEqual({ share: 0.5, low: 0.1, high: 0.5 });
    expect([neverSeen(0), neverSeen(1)]).toEqual([1, 0.975]);
    expect(neverSeen(30)).toBeCloseTo(0.1157, 4);
  });
});

describe('strata', () => {
  test('begin where they are said to, and at the threshold', () => {
    expect(strataOf(0.5).map(({ from }) => from)).toEqual([
      ...[0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95],
    ]);
    expect(strataOf(0.52).filter(({ from }) => from >= 0.5 && from < 0.6)).toEqual([
      { from: 0.5, to: 0.52 },
      { from: 0.52, to: 0.55 },
      { from: 0.55, to: 0.6 },
    ]);
    expect(strataOf(0.1)[0]).toEqual({ from: 0.1, to: 0.2 });
    expect(strataOf(0.5).at(-1)).toEqual({ from: 0.95, to: 1 });
    expect([0.29, 0.3, 0.7, 1].map((confidence) => stratumIndex(strata, confidence))).toEqual([-1, 0, 2, 2]);
  });
});

/** So many pairs of as many persons, in a stratum. */
const many = (count: number, confidence: number, same: boolean, prefix: string) =>
  Array.from({ length: count }, (_, n) =>
    same
      ? pair(confidence, true, `${prefix}${n}`)
      : pair(confidence, false, `${prefix}${n}`, `${prefix}x${n}`),
  );

describe('rates', () => {
  const rated = (pairs: ReturnType<typeof many>, unseen = 0) => {
    const given = tally(pairs, strata, [], { unseen, errors: NO_ERRORS });
    return { given, found: countPairs(given), rates: ratesOf(given, countPairs(given), []) };
  };

  test('are told of thirty pairs of twenty persons at least, each kind by itself', () => {
    const known = (pairs: ReturnType<typeof many>) => {
      const [rate] = rated(pairs).rates;
      return [rate?.falseMatchRate !== null, rate?.falseNonMatchRate !== null];
    };
    expect(known(many(30, 0.8, true, 's'))).toEqual([false, true]);
    expect(known(many(29, 0.8, true, 's'))).toEqual([false, false]);
    expect(known(many(30, 0.6, false, 'd'))).toEqual([true, false]);
    expect(known(many(29, 0.6, false, 'd'))).toEqual([false, false]);
    // Pairs of two people that are below all strata say nothing; of one person they do.
    expect(known(many(30, 0.1, false, 'd'))).toEqual([false, false]);
    expect(known(many(30, 0.1, true, 's'))).toEqual([false, true]);
    const few = (persons: number) => Array.from({ length: 40 }, (_, n) => pair(0.8, true, `s${n % persons}`));
    expect([known(few(19)), known(few(20))]).toEqual([
      [false, false],
      [false, true],
    ]);
  });

  test('are the share of strangers from here on, and of one person below here', () => {
    const pairs = [
      ...many(40, 0.8, true, 's'),
      ...many(8, 0.6, true, 't'),
      ...many(2, 0.1, true, 'u'),
      ...many(30, 0.4, false, 'd'),
      ...many(10, 0.6, false, 'e'),
    ];
    const { given, found, rates } = rated(pairs, 60);
    expect(
      rates.map(({ threshold, falseMatchRate, falseNonMatchRate }) => [
        threshold,
        falseMatchRate?.share,
        falseNonMatchRate?.share,
      ]),
    ).toEqual([
      [0.3, 0.4, 0.04],
      [0.5, 0.1, 0.04],
      [0.7, 0, 0.2],
    ]);
    expect([0, 1, 2].map((at) => misses(found, at))).toEqual([0.04, 0.04, 0.2]);
    // Nothing was found there: as much as may well hide among what was decided.
    expect(rates[2]?.falseMatchRate?.high).toBeCloseTo((neverSeen(40) * 40) / 100, 12);
    expect(mostMissed(given, found, 0)).toBeCloseTo(neverSeen(50), 12);
    const hidden = neverSeen(48) * (8 + 30 + 10);
    expect(mostMissed(given, found, 2)).toBeCloseTo(Math.max(neverSeen(50), hidden / (hidden + 40)), 12);
  });
});

describe('chances', () => {
  test('never fall as the confidence rises: strata that would are taken together', () => {
    const pairs = [
      ...many(3, 0.4, false, 'a'),
      ...many(1, 0.4, true, 'b'),
      ...many(4, 0.6, true, 'c'),
      ...many(2, 0.8, true, 'd'),
      ...many(2, 0.8, false, 'e'),
    ];
    const given = tally(pairs, strata, [], { unseen: 0, errors: NO_ERRORS });
    const chances = chancesOf(given, countPairs(given), [countPairs(given)]);
    expect(chances.map(({ from, to, decided, chance }) => [from, to, decided, chance?.share])).toEqual([
      [0.3, 0.5, 4, 0.25],
      [0.5, 0.7, 4, 0.75],
      [0.7, 1, 4, 0.75],
    ]);
    const gap = tally(
      [...many(2, 0.6, true, 'c'), ...many(2, 0.6, false, 'e')],
      [{ from: 0.1, to: 0.3 }, ...strata],
      [],
      { unseen: 0, errors: NO_ERRORS },
    );
    expect(chancesOf(gap, countPairs(gap), []).map(({ chance }) => chance?.share ?? null)).toEqual([
      ...[null, null, 0.5, null],
    ]);
  });

  test('are taken together as far back as they would fall, and keep their place beside a stratum that has none', () => {
    const shares = (...given: [same: number, different: number][]) => {
      const pairs = given.flatMap(([same, different], at) => [
        ...many(same, 0.4 + at * 0.2, true, `s${at}`),
        ...many(different, 0.4 + at * 0.2, false, `d${at}`),
      ]);
      const tallied = tally(pairs, strata, [], { unseen: 0, errors: NO_ERRORS });
      return chancesOf(tallied, countPairs(tallied), []).map(
        ({ chance }) => chance?.share.toFixed(4) ?? null,
      );
    };
    expect(shares([2, 2], [3, 1], [0, 4])).toEqual(['0.4167', '0.4167', '0.4167']);
    expect(shares([1, 3], [0, 0], [4, 0])).toEqual(['0.2500', null, '1.0000']);
    expect(shares([0, 0], [1, 3], [1, 1])).toEqual([null, '0.2500', '0.5000']);
  });

  test('are odds that fall with the faces there are', () => {
    expect(chanceAmong(0.5, 100, 300)).toBeCloseTo(0.25, 12);
    expect(chanceAmong(0.8, 100, 100)).toBeCloseTo(0.8, 12);
    for (const [chance, then, now] of [
      [0, 10, 20],
      [1, 10, 20],
      [0.5, 0, 20],
      [0.5, 10, 0],
    ] as const)
      expect(chanceAmong(chance, then, now)).toBe(chance);
  });

  test('and wrong candidates are those of the stratum, among the faces there are now', () => {
    const of = (share: number) => ({ share, low: share / 2, high: share * 1.5 });
    const calibration = {
      faces: 100,
      chances: strata.map((one, at) => ({ ...one, decided: 9, chance: at === 0 ? null : of(0.5) })),
      rates: strata.map(({ from }, at) => ({
        ...{ threshold: from, falseNonMatchRate: null },
        falseMatchRate: at === 0 ? null : of(0.002),
      })),
    } as never;
    const { chance, falseCandidates } = worthByCalibration(calibration, 0.6, 300);
    expect([chance?.share, chance?.low, chance?.high].map((one) => one?.toFixed(6))).toEqual([
      ...['0.250000', '0.100000', '0.500000'],
    ]);
    expect(
      [falseCandidates?.share, falseCandidates?.low, falseCandidates?.high].map((one) => one?.toFixed(6)),
    ).toEqual([...['0.600000', '0.300000', '0.900000']]);
    expect(worthByCalibration(calibration, 0.4, 300)).toEqual({ chance: null, falseCandidates: null });
    expect(worthByCalibration(calibration, 0.1, 300)).toEqual({ chance: null, falseCandidates: null });
  });
});

describe('resampling', () => {
  test('draws as many persons as there are, four hundred times', () => {
    const given = tally([pair(0.8, true, 'a'), pair(0.8, true, 'b')], strata, [], {
      unseen: 0,
      errors: NO_ERRORS,
    });
    let drawn = 0;
    const counted = resample(given, () => (drawn++ % 2 === 0 ? 0 : 0.999));
    expect([counted.length, drawn]).toEqual([400, 800]);
    expect(counted[0]).toEqual({ same: weights(0, 0, 2), different: weights(0, 0, 0), sameBelow: 0 });
    expect(resample(given, () => 0, 1)).toEqual([
      { same: weights(0, 0, 2), different: weights(0, 0, 0), sameBelow: 0 },
    ]);
    const twice = resample({ ...given, pairs: given.pairs.slice(1) }, () => 0.6, 2);
    expect(twice.map(({ same }) => same[2])).toEqual([2, 2]);
  });
});

describe('slices', () => {
  test.each([
    [undefined, []],
    [0, ['less than 2 years apart']],
    [1.99, ['less than 2 years apart']],
    [2, ['2 to 5 years apart']],
    [5, ['5 to 10 years apart']],
    [9.99, ['5 to 10 years apart']],
    [10, ['10 years apart and more']],
  ])('a pair %s years apart is among %j', (ageGap, names) => {
    expect(ageGapNames({ ...pair(0.5, true, 'a'), ...(ageGap !== undefined && { ageGap }) })).toEqual(names);
  });

  test('are told by name, each of its own pairs and persons', () => {
    expect(groupNames({ ...pair(0.5, true, 'a'), groups: ['x', 'y', 'x'] })).toEqual(['x', 'y']);
    expect(groupNames(pair(0.5, true, 'a'))).toEqual([]);
    const pairs = [
      ...many(36, 0.8, true, 's').map((one) => ({ ...one, groups: ['women'] })),
      ...many(4, 0.4, true, 't').map((one) => ({ ...one, groups: ['women'] })),
      ...many(12, 0.6, false, 'd').map((one) => ({ ...one, groups: ['women', 'men'] })),
    ];
    const given = tally(pairs, strata, [], { unseen: 9, errors: NO_ERRORS });
    const slices = slicesOf(pairs, given, groupNames, 0.5, () => 0.5);
    expect(
      slices.map(({ name, pairs: count, persons, missed, wrongAmongOffered }) => [
        ...[name, count, persons, missed?.share, wrongAmongOffered?.share],
      ]),
    ).toEqual([
      ['men', 12, 24, undefined, undefined],
      ['women', 52, 64, 0.1, 0.25],
    ]);
  });
});

describe('reviewers', () => {
  test('are measured by thirty answers of a kind at least', () => {
    const answers = (times: number, truth: 'same' | 'different', wrong: number) => [
      { truth, said: truth, times: times - wrong },
      { truth, said: truth === 'same' ? ('different' as const) : ('same' as const), times: wrong },
    ];
    const few = figuresOf([...answers(30, 'same', 3), ...answers(29, 'different', 3)]);
    expect(few).toMatchObject({ answers: 59, falseDifferent: { share: 0.1 }, falseSame: null });
    const both = figuresOf([...answers(29, 'same', 3), ...answers(40, 'different', 8)]);
    expect(both).toMatchObject({ answers: 69, falseDifferent: null, falseSame: { share: 0.2 } });
  });
});

describe('drawing', () => {
  test('gives different places below all, ascending, and all of them where there are no more', () => {
    const sequence =
      (...values: number[]) =>
      () =>
        values.shift() ?? 0;
    expect(randomPositions(3, 10, sequence(0.99, 0, 0))).toEqual([0, 7, 9]);
    expect(randomPositions(5, 3, () => 0.5)).toEqual([0, 1, 2]);
    expect(randomPositions(0, 3, () => 0.5)).toEqual([]);
    expect(randomPositions(2, 0, () => 0.5)).toEqual([]);
  });

  test('passes over what has gone between counting and reading', async () => {
    const asked: Sql[] = [];
    const read = async (statements: readonly Sql[]) => {
      asked.push(...statements);
      return asked.length === 1 ? [[{ n: 2 }]] : [[]];
    };
    const gone = { dialect: sqliteDialect, read } as unknown as Database;
    expect(await sampleFaces(gone, 5, () => 0)).toEqual({ all: 2, sampled: [] });
    asked.length = 0;
    expect(await sampleOffered(gone, { from: 0.5, to: 1 }, 5, () => 0)).toEqual([]);
    const bound = () => /confidence (<=?)/.exec(asked[0]?.parts.join('?') ?? '')?.[1];
    expect(bound(), 'the surest of all are in the last stratum').toBe('<=');
    asked.length = 0;
    await sampleOffered(gone, { from: 0.5, to: 0.7 }, 5, () => 0);
    expect(bound()).toBe('<');
  });
});

describe('evidence', () => {
  /** A database that answers by what stands in a question. */
  const answering = (answers: readonly [RegExp, Record<string, unknown>[]][]) =>
    ({
      dialect: sqliteDialect,
      read: async (statements: readonly Sql[]) =>
        statements.map(({ parts }) => answers.find(([pattern]) => pattern.test(parts.join('?')))?.[1] ?? []),
    }) as unknown as Database;
  const decided = (
    faces: [string, string],
    verdict: string,
    confidence: number | null,
    score: number | null,
  ) => ({
    ...{ face_a: faces[0], face_b: faces[1], verdict, confidence, score },
  });
  const draw = {
    ...{ id: 'd', at: 'T', by: 'ann', model: 'm', threshold: 0.5, faces: 100, searched: 50, seed: 1 },
    strata: [{ from: 0.3, searches: 50, found: 6 }],
  };

  test('counts pairs of faces of two photographs, and estimates those that nobody offers', async () => {
    const database = answering([
      [/COUNT\(\*\) AS bigint/, [{ faces: 10, inside: 6 }]],
      [/SUM\(CASE/, [{ s0: 3, s1: 4, s2: 5 }]],
    ]);
    expect(await readEvidence(database, 'm', strata, 0.5, draw)).toEqual({
      ...{ faces: 10, allPairs: 42, pairs: [] },
      sizes: [
        { from: 0.3, pairs: 8 },
        { from: 0.5, pairs: 4 },
        { from: 0.7, pairs: 5 },
      ],
    });
    const undrawn = await readEvidence(database, 'm', strata, 0.5, undefined);
    expect(undrawn.sizes.map(({ pairs }) => pairs)).toEqual([3, 4, 5]);
    const unsearched = { ...draw, strata: [{ from: 0.3, searches: 0, found: 6 }] };
    const none = await readEvidence(database, 'm', strata, 0.5, unsearched);
    expect(none.sizes[0]?.pairs).toBe(0);
    const all = await readEvidence(database, 'm', strata, 0.5, { ...draw, faces: 0 });
    expect(all.sizes[0]?.pairs).toBe(6);
  });

  test('is what was offered, drawn, or said of one person by hand; by whom, of whom, and how far apart', async () => {
    const database = answering([
      [
        /FROM match_decision/,
        [
          decided(['a', 'b'], 'confirmed', 0.5, 0.4),
          decided(['c', 'd'], 'notSame', 0.49, 0.4),
          decided(['e', 'f'], 'confirmed', null, null),
          decided(['g', 'h'], 'notSame', null, null),
          decided(['a', 'c'], 'notSame', 0.9, null),
        ],
      ],
      [
        /face_key, solid_id/,
        [
          { face_key: 'a', solid_id: 'S' },
          { face_key: 'b', solid_id: 'S' },
          { face_key: 'd', solid_id: 'D' },
        ],
      ],
      [
        /p\.person_id FROM face_group/,
        [
          { face_key: 'a', person_id: 'amal' },
          { face_key: 'c', person_id: 'zahra' },
        ],
      ],
      [
        /current_key, taken/,
        [
          { current_key: 'a', taken: '2019' },
          { current_key: 'b', taken: '2021-07' },
          { current_key: 'c', taken: '2019-01-31' },
          { current_key: 'd', taken: '2018-12-31' },
        ],
      ],
      [
        /person_id, sex, minor/,
        [
          { person_id: 'amal', sex: 'female', minor: 1 },
          { person_id: 'zahra', sex: 'female', minor: 0 },
        ],
      ],
    ]);
    const { pairs } = await readEvidence(database, 'm', strata, 0.5, undefined);
    expect(
      pairs.map((one) => ({ ...one, ...(one.ageGap !== undefined && { ageGap: one.ageGap.toFixed(4) }) })),
    ).toEqual([
      {
        confidence: 0.5,
        same: true,
        persons: ['S', 'S'],
        groups: ['sex: female', 'children'],
        ageGap: '2.0403',
      },
      { confidence: 0.4, same: false, persons: ['c', 'D'], ageGap: '0.0833' },
      { confidence: -1, same: true, persons: ['e', 'e'] },
      { confidence: 0.9, same: false, persons: ['S', 'c'], groups: ['sex: female'], ageGap: '0.4167' },
    ]);
  });

  test('of more decisions than are read at once is read page by page', async () => {
    const all = Array.from({ length: 10_001 }, (_, n) =>
      decided([`f${String(n).padStart(5, '0')}`, 'z'], 'notSame', 0.9, null),
    );
    const limits: string[] = [];
    const database = {
      dialect: sqliteDialect,
      read: async (statements: readonly Sql[]) =>
        statements.map(({ parts, parameters }) => {
          const statement = parts.join('?');
          if (!/FROM match_decision/.test(statement)) return [];
          limits.push(/LIMIT (\d+)/.exec(statement)?.[1] ?? '');
          const after = parameters.length > 2 ? String(parameters[2]?.value) : '';
          return all.filter(({ face_a }) => face_a > after).slice(0, 5000);
        }),
    } as unknown as Database;
    const { pairs } = await readEvidence(database, 'm', strata, 0.5, undefined);
    expect([pairs.length, limits]).toEqual([10_001, ['5000', '5000', '5000']]);
    expect(new Set(pairs.map(({ persons: [one] }) => one)).size).toBe(10_001);
  });
});

test('a calibration takes reviewers for right where nobody has measured them, and no pairs for unseen where more were seen', () => {
  const { confidences: _, errors: __, ...given } = archive(3, { persons: 40, perStratum: 20 });
  expect(calibrate(given)).toEqual(calibrate({ ...given, errors: NO_ERRORS }));
  const seen = given.sizes.reduce((sum, { pairs }) => sum + pairs, 0);
  expect(calibrate({ ...given, allPairs: seen - 5 })).toEqual(calibrate({ ...given, allPairs: seen }));
});

test('two models of whose pairs nobody has decided any are compared by none', async () => {
  const nothing = { read: async () => [[], [], []] } as unknown as Database;
  const none = { decided: 0, active: 0, next: 0 };
  expect(await compareModels(nothing, 0.5)).toEqual({
    ...{ same: none, different: none, offered: { active: 0, next: 0 } },
  });
});

test('a calibration that was kept with its seed can be made again, to the sixth digit', () => {
  const rounded = (_: string, value: unknown) =>
    typeof value === 'number' ? Number(value.toFixed(6)) : value;
  const digest = (input: Parameters<typeof calibrate>[0]) =>
    createHash('sha256')
      .update(JSON.stringify(calibrate(input), rounded))
      .digest('hex')
      .slice(0, 16);
  const { confidences: _, ...given } = archive(3, { persons: 80, perStratum: 40 });
  const pairs = given.pairs.map((one, at) => ({ ...one, groups: [`g${at % 2}`], ageGap: at % 12 }));
  expect([
    digest({ ...given, pairs }),
    digest({ ...given, errors: { falseSame: 0.02, falseDifferent: 0.05 } }),
  ]).toEqual(['49152cfec8fb96a5', 'f4d4b007a961b38b']);
});
