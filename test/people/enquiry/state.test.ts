import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  awaitingSecond,
  reviewerOf,
  type SaidWord,
  STANDINGS,
  standingOf,
  wordsThatCount,
} from '../../../src/people/enquiry/standing.ts';
import { ENDS, ENQUIRY_STATES, mayBecome, stateOf, TRANSITIONS } from '../../../src/people/enquiry/state.ts';

test('every transition leads somewhere, none from what was withdrawn, and only a find is a reunion', () => {
  for (const from of ENQUIRY_STATES) {
    for (const to of TRANSITIONS[from]) expect(['open', ...ENDS], `${from} ${to}`).toContain(to);
    expect(mayBecome(from, 'reunited')).toBe(from === 'verified');
    expect(mayBecome(from, 'open')).toBe(from === 'reunited' || from === 'closed');
    expect(mayBecome(from, 'withdrawn')).toBe(from !== 'withdrawn');
  }
});

test('an enquiry stands as a person ended it, else as its candidates do', () => {
  fc.assert(
    fc.property(
      fc.option(fc.constantFrom('reunited', 'closed', 'withdrawn'), { nil: undefined }),
      fc.array(fc.constantFrom(...STANDINGS)),
      (ended, standings) => {
        const state = stateOf(
          ended as 'closed' | undefined,
          standings.map((standing) => ({ standing, awaits: false })),
        );
        const awaited = stateOf(undefined, [{ standing: 'different', awaits: true }]);
        expect(awaited).toBe(stateOf(undefined, [{ standing: 'pending', awaits: true }]));
        if (ended !== undefined) expect(state).toBe(ended);
        else if (standings.includes('found')) expect(state).toBe('verified');
        else expect(state).toBe(standings.every((one) => one === 'different') ? 'open' : 'candidate');
      },
    ),
  );
});

const reviewers = ['anna', 'ben', 'carl'];
const said = fc.array(
  fc.record({
    word: fc.constantFrom('same', 'different', 'later', 'undo'),
    reviewer: fc.constantFrom(...reviewers),
    back: fc.nat(9),
  }),
  { maxLength: 12 },
);

/** Words in the order in which they were said; an undo takes back one of those before it. */
const asWords = (given: { word: string; reviewer: string; back: number }[]): SaidWord[] =>
  given.flatMap(({ word, reviewer, back }, index) => {
    if (word === 'undo' && index === 0) return [];
    return [
      {
        id: `w${index}`,
        word: word as SaidWord['word'],
        reviewer,
        candidate: 'c',
        at: `2026-11-30T00:00:${String(index).padStart(2, '0')}.000Z`,
        ...(word === 'undo' && { supersedes: `w${Math.max(0, index - 1 - back)}` }),
      },
    ];
  });

test('the same words in any order, doubled, make the same standing; an undo makes it as if never said', () => {
  fc.assert(
    fc.property(said, fc.nat(), fc.constantFrom<1 | 2>(1, 2), (given, seed, needed) => {
      const words = asWords(given);
      const shuffled = [...words, ...words].sort((a, b) => (a.id + seed < b.id + seed ? 1 : -1));
      const standing = standingOf(wordsThatCount(words), needed);
      expect(standingOf(wordsThatCount(shuffled), needed)).toBe(standing);
      const undone = new Set(words.flatMap(({ word, supersedes }) => (word === 'undo' ? [supersedes] : [])));
      const never = words.filter(({ id, word }) => word !== 'undo' && !undone.has(id));
      expect(standingOf(wordsThatCount(never), needed)).toBe(standing);
    }),
  );
});

test('nobody seconds themselves: a find has two different people, whatever one of them says how often', () => {
  fc.assert(
    fc.property(said, (given) => {
      const alone = asWords(given.map((one) => ({ ...one, reviewer: 'anna' })));
      expect(standingOf(wordsThatCount(alone), 2)).not.toBe('found');
      const words = wordsThatCount(asWords(given));
      if (standingOf(words, 2) !== 'found') return;
      const same = words.filter(({ word }) => word === 'same').map(({ reviewer }) => reviewer);
      expect(new Set(same).size).toBeGreaterThanOrEqual(2);
      expect(words.some(({ word }) => word === 'different')).toBe(false);
    }),
  );
});

test('one who has not said a word is blind to the first, and that tells nothing of what the first was', () => {
  const word = (one: 'same' | 'different'): SaidWord[] => [
    { id: 'w', word: one, reviewer: 'anna', candidate: 'c', at: '2026-11-30T00:00:00.000Z' },
  ];
  for (const one of ['same', 'different'] as const)
    expect(awaitingSecond(word(one), standingOf(word(one), 2), true)).toBe('anna');
  // Not asked for again: it is over, and everybody may see why.
  expect(awaitingSecond(word('different'), 'different', false)).toBeUndefined();
  const both = [...word('different'), ...word('different').map((one) => ({ ...one, reviewer: 'ben' }))];
  expect(awaitingSecond(both, standingOf(both, 2), true)).toBeUndefined();
});

test.each([
  ['Anna', 'anna'],
  ['  anna ', 'anna'],
  ['ANNA  Berg', 'anna berg'],
  ['Ａｎｎａ', 'anna'],
  ['an\u200bna\u00ad', 'anna'],
])('%j is %j', (name, reviewer) => {
  expect(reviewerOf(name)).toBe(reviewer);
});
