import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  candidatesOf,
  type EnquiryPair,
  type Members,
  sameAsBefore,
} from '../../../src/people/enquiry/make.ts';

const member = (face: string) => ({ face, image: `i-${face}` });
const pair = (own: string, other: string, confidence: number): EnquiryPair => ({
  own,
  ownImage: `i-${own}`,
  other,
  otherImage: `i-${other}`,
  confidence,
});

/** Groups as lists of faces. */
const among =
  (...groups: string[][]) =>
  (face: string) =>
    groups.find((group) => group.includes(face))?.map(member) as Members | undefined;

const faces = ['f0', 'f1', 'f2', 'f3', 'f4', 'f5'];
const pairs = fc.uniqueArray(
  fc.record({
    own: fc.constantFrom('e0', 'e1'),
    other: fc.constantFrom(...faces),
    confidence: fc.integer({ min: 50, max: 99 }).map((hundredths) => hundredths / 100),
  }),
  { maxLength: 12, selector: ({ own, other }) => `${own} ${other}` },
);
/** A partition of the faces: which group each is in. */
const partition = fc.array(fc.nat(3), { minLength: faces.length, maxLength: faces.length });
const groupsOf = (homes: readonly number[]) =>
  [0, 1, 2, 3].map((home) => faces.filter((_, index) => homes[index] === home));

test('one candidate for each group that a face of the enquiry is like, the surest first, in whatever order', () => {
  fc.assert(
    fc.property(pairs, partition, (given, homes) => {
      const all = given.map(({ own, other, confidence }) => pair(own, other, confidence));
      const groupOf = among(...groupsOf(homes));
      const made = candidatesOf({ pairs: all, spoken: [], proposed: [], groupOf });
      const homesOf = new Set(given.map(({ other }) => homes[faces.indexOf(other)]));
      expect(made).toHaveLength(homesOf.size);
      expect(new Set(made.flatMap(({ members }) => members.map(({ face }) => face))).size).toBe(
        made.reduce((sum, { members }) => sum + members.length, 0),
      );
      for (const [rank, { score, margin, best }] of made.entries()) {
        expect(score).toBe(best?.confidence);
        const next = made[rank + 1];
        expect(margin).toBe(next === undefined ? undefined : score - next.score);
        expect(margin ?? 0).toBeGreaterThanOrEqual(0);
      }
      expect(candidatesOf({ pairs: [...all].reverse(), spoken: [], proposed: [], groupOf })).toEqual(made);
    }),
  );
});

test('faces that people have spoken of stay candidates without any pair, each group one', () => {
  const made = candidatesOf({
    pairs: [],
    spoken: [member('f2'), member('f3'), member('f1')],
    proposed: [],
    groupOf: among(['f1', 'f2']),
  });
  expect(made).toEqual([
    { members: [member('f1'), member('f2')], score: 0 },
    { members: [member('f3')], score: 0 },
  ]);
});

test('a face that was put forward is a candidate without a score, below those that have one; of a group the first counts', () => {
  const put = (other: string, by: string) => ({
    own: 'p',
    ownImage: 'i',
    other,
    otherImage: member(other).image,
    by,
  });
  const made = candidatesOf({
    pairs: [pair('p', 'f3', 0.6)],
    spoken: [],
    proposed: [put('f2', 'anna'), put('f1', 'ben'), put('f3', 'carl')],
    groupOf: among(['f1', 'f2']),
  });
  expect(made.map(({ score, margin, proposed }) => [score, margin, proposed?.by])).toEqual([
    [0.6, undefined, 'carl'],
    [0, undefined, 'anna'],
  ]);
  expect(made[0]?.best).toBeDefined();
  expect(made[1]?.best).toBeUndefined();
});

test('what is made again from the same is what it was, and each id is had once', () => {
  fc.assert(
    fc.property(pairs, partition, partition, (given, before, after) => {
      const all = given.map(({ own, other, confidence }) => pair(own, other, confidence));
      const made = candidatesOf({
        pairs: all,
        spoken: [],
        proposed: [],
        groupOf: among(...groupsOf(before)),
      });
      const known = made.map(({ members, best }, index) => ({
        id: `c${index}`,
        faces: new Set(members.map(({ face }) => face)),
        bestFace: best?.other,
        since: '2026-11-30T00:00:00.000Z',
      }));
      expect(sameAsBefore(made, known)).toEqual(known.map(({ id }) => id));
      const again = candidatesOf({
        pairs: all,
        spoken: [],
        proposed: [],
        groupOf: among(...groupsOf(after)),
      });
      const ids = sameAsBefore(again, known).filter((id) => id !== undefined);
      expect(new Set(ids).size).toBe(ids.length);
      // Whatever happened to the groups, a candidate that has faces in common with one of before is not new for nothing.
      expect(ids.length > 0).toBe(again.length > 0);
    }),
  );
});

test('of a group that fell apart the part with its best face is the candidate that it was', () => {
  const known = [
    { id: 'c', faces: new Set(['f0', 'f1', 'f2']), bestFace: 'f2', since: '2026-11-30T00:00:00.000Z' },
  ];
  const made = candidatesOf({
    pairs: [pair('e0', 'f0', 0.9), pair('e0', 'f2', 0.6)],
    spoken: [],
    proposed: [],
    groupOf: among(['f0', 'f1'], ['f2']),
  });
  expect(sameAsBefore(made, known)).toEqual([undefined, 'c']);
});
