import fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvCell, csvLine } from '../../../src/admin/export/csv.ts';
import { duration } from '../../../src/cli/format/duration.ts';

/** RFC 4180, as strictly as it is written. */
function parseLine(line: string): string[] {
  return [...line.matchAll(/(?<=^|,)(?:"((?:[^"]|"")*)"|([^",\r\n]*))(?=,|$)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
}

/** What a cell may leave out: characters that are not seen. */
const seen = (text: string) => text.replace(/(?![\t\n\r\u200c\u200d])[\p{Cc}\p{Cf}]+/gu, '');

test('what is written is read back as it is seen, but for an apostrophe before what would be a formula', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 6 }), (cells) => {
      const line = csvLine(cells);
      const read = parseLine(line);
      const shown = cells.map(seen);
      expect(read.map((cell, index) => (cell === `'${shown[index]}` ? shown[index] : cell))).toEqual(shown);
      for (const cell of read) expect(cell).not.toMatch(/^[=+\-@;\t\r]/);
      expect(line).toMatch(/^".*"$/s);
    }),
  );
});

test.each([
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  ' =1',
  '"=1',
  '＝1',
  ';=1',
  '\u200b=1',
  '\ufeff=1',
  '\u202e=1',
  '\u200d=1',
  '\u0000=1',
  '"\u2066=1',
])('%j is no formula', (text) => {
  expect(csvCell(text).replace(/^"/, '')).toMatch(/^'/);
});

test('numbers stay numbers', () => {
  expect(csvLine([-5, 0.25, undefined, 'a'])).toBe('-5,0.25,,"a"');
});

test.each([
  [0, '0 ms'],
  [850, '850 ms'],
  [1500, '1.5 s'],
  [42_000, '42 s'],
  [180_000, '3 min'],
  [18_000_000, '5 h'],
  [172_800_000, '2 days'],
])('%i milliseconds are %s', (ms, words) => {
  expect(duration(ms)).toBe(words);
});
