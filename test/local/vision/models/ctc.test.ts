import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeCtc, type ReadCharacter, splitWords } from '../../../../src/local/vision/models/ctc.ts';

const DICTIONARY = ['a', 'b', 'c', ' '];
const CLASSES = DICTIONARY.length + 1;

/** Scores in which each step's class (0 = blank) stands at 0.9; `space` gives steps a weak space. */
function scores(path: readonly number[], space: Record<number, number> = {}): number[] {
  return path.flatMap((best, step) =>
    Array.from({ length: CLASSES }, (_, c) =>
      c === best ? 0.9 : c === CLASSES - 1 ? (space[step] ?? 0) : 0.01,
    ),
  );
}

function read(path: readonly number[], space?: Record<number, number>): string {
  return decodeCtc(scores(path, space), path.length, CLASSES, DICTIONARY)
    .map((c) => c.text)
    .join('');
}

test('repeats merge unless a blank stands between them', () => {
  expect(read([1, 1, 0, 1, 2, 2, 0, 0, 3])).toBe('aabc');
});

test('a space counts where it wins, or peaks between two characters, and never at either end', () => {
  expect(read([1, 4, 2])).toBe('a b');
  expect(read([1, 0, 2], { 1: 0.2 })).toBe('a b');
  expect(read([1, 0, 2], { 1: 0.05 })).toBe('ab');
  expect(read([4, 1, 0, 0], { 3: 0.4 })).toBe('a');
});

test('any text written with blanks between its letters is read back', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 30 }), (letters) => {
      const path = letters.flatMap((letter) => [0, letter, letter]);
      expect(read(path)).toBe(letters.map((letter) => DICTIONARY[letter - 1]).join(''));
    }),
  );
});

const line = fc
  .array(fc.constantFrom('x', 'y', ' '), { minLength: 1, maxLength: 60 })
  .map((letters): ReadCharacter[] =>
    letters.map((text, i) => ({ text, confidence: 0.9, position: (i + 0.5) / letters.length })),
  );

test('words are the text between spaces, side by side within the line and each around its own characters', () => {
  fc.assert(
    fc.property(line, (characters) => {
      const words = splitWords(characters);
      const text = characters.map((c) => c.text).join('');
      expect(words.map((word) => word.text)).toEqual(text.split(' ').filter((word) => word !== ''));
      let reached = 0;
      for (const word of words) {
        expect(word.from).toBeGreaterThanOrEqual(reached - 1e-9);
        expect(word.to).toBeGreaterThan(word.from);
        reached = word.to;
      }
      expect(reached).toBeLessThanOrEqual(1);
    }),
  );
});
