import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonStrings } from '../../src/erasure/json-strings.ts';

const stringsOf = (text: Buffer, sizes: readonly number[]): string[] => {
  const within = jsonStrings();
  const found: string[] = [];
  let from = 0;
  for (const size of [...sizes, text.length]) {
    found.push(...within(text.subarray(from, from + size)));
    from += size;
  }
  return found;
};

test('the strings of a JSON text are found as they read, wherever it is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary' })),
      fc.array(fc.integer({ min: 1, max: 20 })),
      (strings, sizes) => {
        const wellFormed = strings.map((string) => string.toWellFormed());
        const found = stringsOf(Buffer.from(JSON.stringify(wellFormed)), sizes);
        expect(found.filter((_, at) => at % 2 === 1)).toEqual(wellFormed);
      },
    ),
  );
});

test('as are those of writers that escape more than they must', () => {
  const text = String.raw`["Zo\u00EB \ud83d\ude00 \"a\" \/ \\", "\b\f\n\r\t"]`;
  expect(stringsOf(Buffer.from(text), [])).toEqual(['[', 'Zoë 😀 "a" / \\', ', ', '\b\f\n\r\t']);
});

test('a string without an end is not kept whole', () => {
  const within = jsonStrings();
  const piece = Buffer.from('a'.repeat(3 * 1024 * 1024));
  expect([...within(piece)]).toEqual([]);
  expect([...within(piece)]).toEqual([]);
  const [last] = within(Buffer.from('b"'));
  expect(last?.length).toBe(2 * 1024 * 1024 + 2 - 1);
  expect(last?.endsWith('ab')).toBe(true);
});
