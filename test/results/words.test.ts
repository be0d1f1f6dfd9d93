import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fold } from '../../src/results/fold.ts';
import { afterPrefix, indexEntries, MAX_WORD_LENGTH, searchWords } from '../../src/results/words.ts';

const indexWords = (texts: readonly string[]) => [...indexEntries(texts).keys()];

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 100 }),
  fc.string({ unit: fc.constantFrom(..."aéßİ東京ーかทสด０ﬁ١ 😀-'*\u0301\ud800\0"), maxLength: 60 }),
);

describe('words', () => {
  test.for([
    ["Don't STOP", ['don', 't', 'stop']],
    ['José ÀÉ', ['josé', 'jose', 'àé', 'ae']],
    ['２０２６ ﬁn №5', ['2026', 'fin', 'no5']],
    ['東京駅', ['東京', '京駅', '駅']],
    ['tokyo駅2', ['tokyo', '駅', '2']],
    ['الْعَائِلَة', ['الْعَائِلَة', 'العايله']],
    ['Straße Ørsted', ['straße', 'strasse', 'ørsted', 'orsted']],
    ['٢٠٢٤ ۲۰۲۴', ['٢٠٢٤', '2024', '۲۰۲۴']],
    ['!? 😀 --', []],
  ] as const)('%s is indexed as %j', ([given, words]) => {
    expect(indexWords([given])).toEqual(words);
  });

  test('a word is kept once over all texts', () => {
    expect(indexWords(['One two', 'TWO three'])).toEqual(['one', 'two', 'three']);
  });

  test('no more than the stated number of words is kept, the first ones', () => {
    const many = Array.from({ length: 10_005 }, (_, word) => `w${word}`);
    expect(indexWords([many.join(' ')])).toEqual(many.slice(0, 10_000));
    // What is there already has its place.
    expect(indexEntries([`${many.join(' ')} w3`]).size).toBe(10_000);
  });

  test('a word is cut after 64 characters, whatever they take up, and is found by what it was', () => {
    for (const [character, folded] of [
      ['a', 'a'],
      ['é', 'e'],
      ['\u{1d7d8}x', '0x'],
      ['\u{10400}', '\u{10428}'],
    ] as const) {
      const word = character.repeat(64);
      const [kept = ''] = indexWords([word]);
      expect([...kept].length, character).toBe(64);
      const sought = searchWords(word);
      expect(sought.map((one) => one.word)).toEqual([kept]);
      expect(sought.map((one) => one.folded)).toEqual([[...folded.repeat(64)].slice(0, 64).join('')]);
      expect(indexWords([character.repeat(65)])).toEqual(indexWords([word]));
      expect(indexWords([[...word].slice(0, 63).join('')])).not.toEqual(indexWords([word]));
    }
  });

  const whole = (word: string, folded = word) => ({ word, folded, prefix: false });
  const beginning = (word: string, folded = word) => ({ word, folded, prefix: true });
  test.for([
    ['Zürich', [whole('zürich', 'zurich')]],
    ['Zür*', [beginning('zür', 'zur')]],
    ['don*t', [whole('don'), whole('t')]],
    ["don't*", [whole('don'), beginning('t')]],
    ['a * b', [whole('a'), whole('b')]],
    ['a a* a', [whole('a'), beginning('a')]],
    ['東', [beginning('東')]],
    ['東京', [whole('東京')]],
    ['東京駅', [whole('東京'), whole('京駅')]],
    ['東京*', [whole('東京')]],
    ['tokyo駅', [whole('tokyo'), beginning('駅')]],
    ['駅tokyo*', [beginning('駅'), beginning('tokyo')]],
    ['', []],
    ['* !', []],
  ] as const)('%j is sought as %j', ([typed, sought]) => {
    expect(searchWords(typed)).toEqual(sought);
  });

  test('whatever is in a text is found by searching for the text', () => {
    fc.assert(
      fc.property(anyText, anyText, (before, sought) => {
        const indexed = indexWords([before, sought]);
        for (const { word, prefix } of searchWords(sought)) {
          expect(
            indexed.some((one) => (prefix ? one >= word && one < afterPrefix(word) : one === word)),
          ).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('words are bounded, well-formed, not empty and without anything a pattern or a quote is made of', () => {
    fc.assert(
      fc.property(anyText, (given) => {
        for (const word of [...indexWords([given]), ...searchWords(given).map((one) => one.word)]) {
          expect(word).toMatch(/^[\p{L}\p{M}\p{N}]+$/u);
          expect([...word].length).toBeLessThanOrEqual(MAX_WORD_LENGTH);
          expect(word.length).toBeLessThanOrEqual(2 * MAX_WORD_LENGTH);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('letter case and the form of composition make no difference', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'aeiouäöüéñ 東ー'), maxLength: 40 }), (given) => {
        const words = indexWords([given]);
        expect(indexWords([given.toUpperCase()])).toEqual(words);
        expect(indexWords([given.normalize('NFD')])).toEqual(words);
      }),
    );
  });

  test('the end of a prefix range holds every word with the prefix, by code point and by code unit, and no other', () => {
    const word = fc.string({ unit: fc.constantFrom(...'azéﬁ東𠮷ｚ9'), minLength: 1, maxLength: 4 });
    const byCodePoint = (one: string, two: string) => Buffer.compare(Buffer.from(one), Buffer.from(two)) < 0;
    fc.assert(
      fc.property(word, word, fc.boolean(), (prefix, rest, joined) => {
        const other = joined ? prefix + rest : rest;
        const end = afterPrefix(prefix);
        expect(other >= prefix && other < end).toBe(other.startsWith(prefix));
        expect(!byCodePoint(other, prefix) && byCodePoint(other, end)).toBe(other.startsWith(prefix));
      }),
      { numRuns: 500 },
    );
  });
});

describe('spellings meet', () => {
  const meet = (sought: string, text: string) => {
    const entries = indexEntries([text]);
    return searchWords(sought).every(({ folded }) => entries.has(folded));
  };
  test.for([
    ['zürich', 'Zurich'],
    ['Zurich', 'ZÜRICH'],
    ['zu\u0308rich', 'Zürich'],
    ['Ｚürich', 'zurich'],
    ['Průhonice', 'Pruhonice'],
    ['strasse', 'Straße'],
    ['Łódź', 'Lodz'],
    ['احمد', 'أحمد'],
    ['أَحْمَد', 'احمد'],
    ['علي', 'على'],
    ['کتاب', 'كتاب'],
    ['فاطمه', 'فاطمة'],
    ['Артем', 'Артём'],
    ['Андрии', 'Андрій'],
    ['ירושלים', 'יְרוּשָׁלַיִם'],
    ['Ὀδυσσεύς', 'οδυσσευσ'],
    ['2024', '٢٠٢٤'],
    ['1403', '۱۴۰۳'],
  ] as const)('"%s" finds %s, and the other way round', ([one, other]) => {
    expect(meet(one, other)).toBe(true);
    expect(meet(other, one)).toBe(true);
  });

  test.for([
    ['मिल', 'मल'],
    ['zurich', 'zurick'],
    ['من', 'مه'],
  ] as const)('"%s" does not find %s', ([one, other]) => {
    expect(meet(one, other)).toBe(false);
  });

  test('the form in a text is told from the form in which spellings meet', () => {
    expect(Object.fromEntries(indexEntries(['Zürich']))).toEqual({ zürich: false, zurich: true });
    expect(Object.fromEntries(indexEntries(['Zürich Zurich']))).toEqual({ zürich: false, zurich: false });
  });

  test.for([
    ['ৰ', 'ৰ'],
    ['ۺ', 'ۺ'],
    ['०९', '09'],
    ['০৯', '09'],
    ['٠٩', '09'],
    ['۰۹', '09'],
    ['ـ', 'ـ'],
    ['كـتاب', 'كتاب'],
  ] as const)('%s is folded to %s', ([given, folded]) => {
    expect(fold(given)).toBe(folded);
  });

  test('folding twice is folding once', () => {
    fc.assert(
      fc.property(anyText, (given) => {
        for (const { folded } of searchWords(given)) expect(fold(fold(folded))).toBe(fold(folded));
      }),
    );
  });
});
