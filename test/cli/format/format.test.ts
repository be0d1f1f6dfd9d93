import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addedOutputLines } from '../../../src/cli/format/added-outputs.ts';
import { inWords } from '../../../src/cli/format/confidence.ts';
import { imageName } from '../../../src/cli/format/image-name.ts';
import { imageTable } from '../../../src/cli/format/image-table.ts';
import { printable, shorten } from '../../../src/cli/format/printable.ts';
import { openScreen } from '../../../src/cli/format/screen.ts';
import { table } from '../../../src/cli/format/table.ts';
import { inputNameOf } from '../../../src/storage/input-name.ts';
import { image } from '../../results/fixtures.ts';

test('text from anywhere is one line without anything that a terminal would obey', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = printable(text);
      expect(shown).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
      expect(printable(shown)).toBe(shown);
    }),
  );
});

test('shortened text has at most its length, and is whole where it fits', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 50 }), (text, length) => {
      expect([...shorten(text, length)].length).toBeLessThanOrEqual(length);
      if ([...printable(text)].length <= length) expect(shorten(text, length)).toBe(printable(text));
    }),
  );
});

test('the name of an image is its blob name, decoded; of a foreign one its address', () => {
  expect(imageName('http://127.0.0.1:10000/devstoreaccount1/inputimages/a%20b/%C3%A9.jpg')).toBe('a b/é.jpg');
  expect(imageName('https://example.org/x.jpg')).toBe('https://example.org/x.jpg');
  expect(inputNameOf('https://x.blob.core.windows.net/inputimages/%zz')).toBeUndefined();
});

test('confidence is told in words and as a number', () => {
  expect([0.95, 0.8, 0.6, 0.2].map(inWords)).toEqual([
    'very much alike (0.95)',
    'much alike (0.80)',
    'somewhat alike (0.60)',
    'a little alike (0.20)',
  ]);
});

test('a table keeps to its width and loses no word', () => {
  const cells = ['a-name-without-any-space-that-is-longer-than-its-column.jpg', 'several words that wrap'];
  const drawn = table(['Name', 'Words'], [cells], 40);
  for (const line of drawn.split('\n')) expect(line.length).toBeLessThanOrEqual(40);
  const column = (index: number) =>
    drawn
      .split('\n')
      .slice(3, -1)
      .map((line) => line.split('│')[index]?.trim())
      .join('');
  expect(column(1)).toBe(cells[0]);
  expect(column(2).replaceAll(' ', '')).toBe(cells[1]?.replaceAll(' ', ''));
});

test('without a terminal a screen writes lines only, and no bar', () => {
  const stream = new PassThrough();
  const screen = openScreen(stream as unknown as NodeJS.WriteStream);
  const progress = screen.progress('Images', 3);
  screen.line('one');
  progress.at(1);
  progress.end();
  screen.line();
  screen.close();
  expect(String(stream.read())).toBe('one\n\n');
});

test('who reads slowly is waited for, so that what is written does not pile up in memory', async () => {
  const stream = new PassThrough({ highWaterMark: 10 });
  const screen = openScreen(stream as unknown as NodeJS.WriteStream);
  await screen.lines('short\n');
  let written = false;
  const waiting = screen.lines(`${'x'.repeat(100)}\n`).then(() => {
    written = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(written).toBe(false);
  expect(String(stream.read())).toBe(`short\n${'x'.repeat(100)}\n`);
  await waiting;
  expect(written).toBe(true);
});

test('what a step found that somebody has added stands in its own words, or as it is', () => {
  const outputs = {
    ocr: { OCR_fullText: 'x' },
    sharpness: { variance: 12.345678901, blurred: true, face: { angle: null } },
  };
  const words = {
    title: 'Sharpness',
    view: { variance: 'Variance', blurred: 'Blurred', 'face.angle': 'Angle' },
  };
  expect(addedOutputLines(outputs, () => words)).toEqual([
    'Sharpness: Variance 12.3457, Blurred yes, Angle –',
  ]);
  expect(addedOutputLines(outputs, () => undefined)).toEqual([
    'sharpness: variance 12.3457, blurred yes, face.angle –',
  ]);
  const odd = {
    list: [1, 2],
    rows: [{ a: 1 }, {}],
    evil: '\u001b[31mred\u202e',
    none: {},
    deep: { a: { b: { c: 1 } } },
  };
  expect(addedOutputLines({ odd, plain: 'word', empty: null }, () => undefined)).toEqual([
    'odd: list 1 2, rows 2 entries, evil [31mred, none –, deep.a.b 1 fields',
    'plain: word',
    'empty: –',
  ]);
  const many = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`f${index}`, index]));
  expect(addedOutputLines({ many }, () => undefined)[0]).toMatch(/f7 7, and 3 more$/);
});

test('the table of results has such outputs in a column of their own, and no such column where there are none', () => {
  const stored = (jobOutput: Record<string, unknown>) => ({ ...image('a', { jobOutput }), matches: [] });
  expect(imageTable([stored({ ocr: {} })])).not.toContain('Also');
  const shown = imageTable([stored({ ocr: {} }), stored({ sharpness: { blurred: false } })], undefined, 200);
  expect(shown).toContain('Also');
  expect(shown).toContain('sharpness: blurred no');
});
