import { describe, expect, test } from 'vitest';
import { decide, faceMatches } from '../../../src/api/handlers/faces.ts';
import { groupsOfPairs, leastMargins, matchesSeenFrom, toPlace } from '../../../src/api/matches.ts';
import { subject } from '../../../src/audit/subject.ts';
import { ANN, call, noted, place, placeView, T } from './support.ts';

describe('matches', () => {
  const worth = () => ({ faces: 1 }) as never;
  const pair = (a: string, b: string, confidence: number, more: object = {}) =>
    ({ a: place(a), b: place(b), confidence, firstSeen: T, ...more }) as never;

  test('stand in groups of both of their faces, for which nobody is asked where there is no pair', async () => {
    const asked: string[][] = [];
    const idsOf = async (faces: Iterable<string>) => {
      asked.push([...faces]);
      return new Map([['x', 'g']]);
    };
    const app = { people: async () => ({ groups: { idsOf } }) } as never;
    expect(await groupsOfPairs(app, [])).toEqual(new Map());
    expect(asked).toEqual([]);
    expect(await groupsOfPairs(app, [pair('m', 'x', 0.9), pair('b', 'm', 0.7)])).toEqual(
      new Map([['x', 'g']]),
    );
    expect(asked).toEqual([['m', 'x', 'b']]);
  });

  test('are told from either side, those rejected apart, with how far the next person lies below', () => {
    const rejected = { verdict: 'notSame', by: 'ann', at: T };
    const pairs = [
      pair('m', 'x', 0.9, { marginA: 0.1 }),
      pair('b', 'm', 0.7),
      pair('m', 'z', 0.8, { decision: rejected }),
    ];
    const groups = new Map([['x', 'g']]);
    const { matches, rejectedMatches } = matchesSeenFrom(pairs, ({ face }) => face === 'm', worth, groups);
    expect(matches.map(({ other, margin }) => [other.face, margin?.toFixed(2)])).toEqual([
      ['x', '0.20'],
      ['b', '-0.20'],
    ]);
    expect(matches[0]).toEqual({
      ...{
        face: 'm',
        other: placeView('x'),
        confidence: 0.9,
        margin: expect.any(Number),
        worth: { faces: 1 },
      },
      ...{ firstSeen: T, decision: null },
    });
    expect(rejectedMatches).toMatchObject([{ other: { face: 'z' }, margin: null, decision: rejected }]);
    // Each face of a photograph has rivals of its own.
    const two = matchesSeenFrom(
      [pair('m', 'x', 0.9, { marginA: 0.25 }), pair('n', 'y', 0.8, { marginA: 0.125 })],
      ({ face }) => face === 'm' || face === 'n',
      worth,
      new Map(),
    );
    expect(two.matches.map(({ face, margin }) => [face, margin?.toFixed(3)])).toEqual([
      ['m', '0.250'],
      ['n', '0.125'],
    ]);
    const alone = matchesSeenFrom(
      [pair('m', 'x', 0.9, { marginA: 0.25 })],
      ({ face }) => face === 'm',
      worth,
      new Map(),
    );
    expect(alone.matches[0]?.margin).toBeCloseTo(0.25, 12);
    const other = matchesSeenFrom(
      [pair('b', 'm', 0.9, { marginB: 0.5 })],
      ({ face }) => face === 'm',
      worth,
      new Map(),
    );
    expect(other.matches[0]?.margin).toBeCloseTo(0.5, 12);
    expect(
      toPlace({ ...place('f', { crop: 'c', imageWidth: 1, imageHeight: 2, batchId: undefined }) } as never),
    ).toEqual(placeView('f', { batchId: null, hasCrop: true, imageWidth: 1, imageHeight: 2 }));
  });

  test('by themselves have the least of both margins, and none where nobody else is known', async () => {
    const neighbours = new Map([
      [
        'a',
        [
          { face: 'b', confidence: 0.9 },
          { face: 'c', confidence: 0.8 },
        ],
      ],
      [
        'b',
        [
          { face: 'a', confidence: 0.9 },
          { face: 'd', confidence: 0.5 },
          { face: 'e', confidence: 0.4 },
        ],
      ],
    ]);
    const app = {
      results: async () => ({ decisions: { neighbours: async () => neighbours } }),
      people: async () => ({
        groups: {
          idsOf: async () =>
            new Map([
              ['d', 'a'],
              ['a', 'a'],
            ]),
        },
      }),
    } as never;
    const margins = await leastMargins(app, [pair('a', 'b', 0.9), pair('y', 'z', 0.5)]);
    expect(margins.map((one) => one?.toFixed(2) ?? null)).toEqual(['0.10', null]);
    expect(await leastMargins({} as never, [])).toEqual([]);
  });

  test('of a face that is there are read and told of; a pair is two faces', async () => {
    const app = (did: unknown[]) => ({
      results: async () => ({
        faces: async ([key]: string[]) => (key === 'm' ? [place('m')] : []),
        counts: { faces: async () => 9 },
        decisions: { ofFace: async () => [pair('m', 'x', 0.9)] },
      }),
      calibration: async () => ({
        ledger: { latest: async () => undefined },
        model: 'm',
        measuring: {
          pairs: { answer: async (...given: unknown[]) => noted(did, given, given[2] === 'same') },
        },
      }),
      settings: {},
      people: async () => ({
        groups: { idsOf: async () => new Map() },
        decidePair: async (...given: unknown[]) => noted(did, given, { verdict: given[2] }),
      }),
    });
    const { answer, did } = await call(faceMatches, app, { params: { face: 'm' } });
    expect(answer).toMatchObject({
      face: 'm',
      imageId: 'i-m',
      matches: [{ other: { face: 'x' } }],
      rejectedMatches: [],
    });
    expect(did).toEqual([['ann', 'face.matches.read', [subject.face('m')], { matches: 1 }]]);
    await expect(call(faceMatches, app, { params: { face: 'x' } })).rejects.toMatchObject({ status: 404 });
    const say = (body: object, other = 'x') => call(decide, app, { params: { face: 'm', other }, body });
    await expect(say({ verdict: 'confirmed' }, 'm')).rejects.toMatchObject({ code: 'SameFace' });
    const known = await say({ verdict: 'confirmed' });
    expect([known.answer, known.did]).toEqual([
      { verdict: 'confirmed', by: 'ann', at: T },
      [[ANN, ['m', 'x'], 'same']],
    ]);
    expect((await say({ verdict: 'notSame' })).did).toEqual([
      [ANN, ['m', 'x'], 'different'],
      ['m', 'x', 'notSame', { by: 'ann' }, undefined],
    ]);
    expect((await say({ verdict: 'confirmed', outsideReview: true, seen: null })).did).toEqual([
      ['m', 'x', 'confirmed', { by: 'ann' }, null],
    ]);
  });
});
