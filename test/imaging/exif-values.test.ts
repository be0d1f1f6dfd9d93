import { describe, expect, test } from 'vitest';
import { readExif } from '../../src/imaging/exif.ts';
import { placeValue, UNITS } from '../../src/imaging/exif-place.ts';
import { exifTexts } from '../../src/imaging/exif-texts.ts';
import { exifTime, exifTimes } from '../../src/imaging/exif-time.ts';
import { rgbPage, tiffFile } from '../support/tiff.ts';

const of = (name: string, value: unknown, more: Record<string, unknown> = {}) =>
  placeValue(name, { [name]: value, ...more });

describe('a coordinate', () => {
  test.each([
    ['GPSLatitude', 'N', 'S', 90],
    ['GPSLongitude', 'E', 'W', 180],
    ['GPSDestLatitude', 'N', 'S', 90],
    ['GPSDestLongitude', 'E', 'W', 180],
  ])('%s is signed by its hemisphere and ends at its pole', (name, plus, minus, most) => {
    const at = (value: unknown, ref: unknown) => of(name, value, { [`${name}Ref`]: ref });
    expect([at([1, 30, 36], plus), at([1, 30, 36], minus)]).toEqual([1.51, -1.51]);
    expect([at([most, 0, 0], plus), at([most, 0, 0], minus)]).toEqual([most, -most]);
    expect([at([most, 0, 0.1], plus), at([-0.1, 0, 0], plus)]).toEqual(['absent', 'absent']);
    for (const spelt of [plus.toLowerCase(), ` ${plus}\0`]) expect(at([1], spelt)).toBe(1);
    for (const ref of [undefined, '', 'X', plus + minus, 1, Buffer.from(plus)])
      expect(at([1], ref)).toBe('absent');
    expect(Object.is(at([0, 0, 0], minus), 0), 'never a negative nought').toBe(true);
  });

  test('may lack its minutes and seconds, and has no other parts', () => {
    const at = (value: unknown) => of('GPSLatitude', value, { GPSLatitudeRef: 'N' });
    expect([at([2, 30]), at([2]), at(2.5)]).toEqual([2.5, 2, 2.5]);
    expect(at([1, 0, 0.00036])).toBe(1.0000001);
    for (const value of [[], [1, 2, 3, 4], [1, '2'], ['1', 2], [Number.NaN], [1, Infinity], undefined, '1'])
      expect(at(value), String(value)).toBe('absent');
  });
});

test('a height is below the sea only where that is said', () => {
  const at = (value: unknown, ref?: unknown) => of('GPSAltitude', value, { GPSAltitudeRef: ref });
  expect([at(7), at([7]), at(7, 0), at(7, Buffer.from([0])), at(7, '1')]).toEqual([7, 7, 7, 7, 7]);
  expect([at(7, 1), at(7, Buffer.from([1]))]).toEqual([-7, -7]);
  expect(Object.is(at(0, 1), 0)).toBe(true);
  for (const value of [undefined, [], [1, 2], 'x']) expect(at(value)).toBe('absent');
});

test('the time of the satellites is in UTC, with its day where that is known', () => {
  const at = (value: unknown, date?: unknown) => of('GPSTimeStamp', value, { GPSDateStamp: date });
  expect(at([1, 2, 3])).toBe('01:02:03Z');
  expect(at([23, 59, 60.9], '2024:02:29')).toBe('2024-02-29T23:59:60Z');
  expect(at([0, 0, 0], '2023:02:29')).toBe('00:00:00Z');
  for (const value of [
    ...[[24, 0, 0], [0, 60, 0], [0, 0, 61], [-1, 0, 0], [0, -1, 0], [0, 0, -0.5], [1, 2], [1], [], undefined],
  ])
    expect(at(value), String(value)).toBe('absent');
});

test('a day is one that there is', () => {
  const at = (value: unknown) => of('GPSDateStamp', value);
  for (const value of ['2024:02:29', '2024-02-29', ' 2024:02:29\0']) expect(at(value)).toBe('2024-02-29');
  for (const value of [
    '2023:02:29',
    '2024:13:01',
    '2024:00:10',
    '2024:01:00',
    '24:01:01',
    'x',
    '',
    undefined,
    7,
  ])
    expect(at(value), String(value)).toBe('absent');
});

test('every other field means what it says; a number stands beside its unit', () => {
  expect(of('Make', 'x')).toBeUndefined();
  expect(UNITS).toMatchObject({ GPSSpeed: 'GPSSpeedRef', XResolution: 'ResolutionUnit' });
});

describe('a time of the camera', () => {
  test.each([
    ['0001:01:01 00:00:00', '', '', '0001-01-01T00:00:00'],
    ['2024:12:31 23:59:59', '+14:59', '123456789', '2024-12-31T23:59:59.123456789+14:59'],
    ['2024:12:31 23:59:59', 'Z', '', '2024-12-31T23:59:59Z'],
    ['2024:12:31 23:59:59-00:30', '+01:00', '', '2024-12-31T23:59:59-00:30'],
    // An offset that is none is left to the field beside it.
    ['2024:12:31 23:59:59+15:00', '+01:00', '', '2024-12-31T23:59:59+01:00'],
    ['2024:12:31 23:59:59', '+15:00', '1234567890', '2024-12-31T23:59:59'],
    ['2024:12:31 23:59:59', '+01:60', '', '2024-12-31T23:59:59'],
  ])('%s, offset %s, fraction %s', (time, offset, fraction, iso) => {
    expect(exifTime(time, offset, fraction)).toBe(iso);
  });

  test.each([
    undefined,
    '0000:01:01 00:00:00',
    '2024:00:01 00:00:00',
    '2024:01:00 00:00:00',
    '2024:01:32 00:00:00',
    '2024:01:01 23:59:60',
    '2024:01:01 23:60:59',
    '2024:01:01 24:00:00',
    'at 2024:01:01 00:00:00',
  ])('%s is none', (time) => {
    expect(exifTime(time)).toBeUndefined();
  });
});

/** EXIF of texts in the first directory, and of others in the EXIF directory, in either order of bytes. */
function exif(
  first: readonly [number, string, number?][],
  second: readonly [number, string, number?][] = [],
  { order = 'II', named = false }: { order?: 'II' | 'MM'; named?: boolean } = {},
): Buffer {
  const bytes = Buffer.alloc(4000);
  const write = (value: number, at: number, size: 2 | 4) =>
    order === 'II' ? bytes.writeUIntLE(value, at, size) : bytes.writeUIntBE(value, at, size);
  let free = 1500;
  const directory = (at: number, entries: readonly (readonly [number, string, number?])[]) => {
    write(entries.length, at, 2);
    for (const [index, [tag, text, type = 2]] of entries.entries()) {
      const entry = at + 2 + index * 12;
      write(tag, entry, 2);
      write(type, entry + 2, 2);
      write(text.length, entry + 4, 4);
      const isLink = tag === 0x8769;
      if (text.length <= 4 && !isLink) bytes.write(text, entry + 8, 'latin1');
      else {
        write(isLink ? 1000 : free, entry + 8, 4);
        if (!isLink) free += bytes.write(text, free, 'latin1');
      }
    }
  };
  bytes.write(order, 0, 'latin1');
  write(42, 2, 2);
  write(8, 4, 4);
  directory(8, first);
  directory(1000, second);
  return named ? Buffer.concat([Buffer.from('Exif\0\0'), bytes]) : bytes;
}

describe('the texts of EXIF', () => {
  const tags = new Set([0x132, 0x9003, 0x9290]);
  const texts = (...given: Parameters<typeof exif>) => Object.fromEntries(exifTexts(exif(...given), tags));
  const LINK = [0x8769, 'x', 4] as const;

  test.each(['II', 'MM'] as const)('are read from both directories, short and long: %s', (order) => {
    for (const named of [false, true])
      expect(
        texts(
          [[0x132, 'a long text'], [...LINK]],
          [
            [0x9003, 'another one'],
            [0x9290, '1234'],
          ],
          { order, named },
        ),
      ).toEqual({ 306: 'a long text', 36867: 'another one', 37520: '1234' });
  });

  test('are only those that are asked for, are texts, and come first; of 64 characters at most', () => {
    expect(
      texts([
        [0x10f, 'maker name'],
        [0x132, 'number', 4],
        [0x132, 'a text'],
        [0x132, 'later'],
      ]),
    ).toEqual({
      306: 'a text',
    });
    expect(texts([[0x132, 'x'.repeat(64)]])[0x132]).toHaveLength(64);
    expect(texts([[0x132, 'x'.repeat(65)]])[0x132]).toHaveLength(64);
  });

  test('are no more than their directory says, nor than a thousand however many it says', () => {
    const two = exif([
      [0x132, 'a text'],
      [0x9290, 'behind the end'],
    ]);
    two.writeUInt16LE(1, 8);
    expect(Object.fromEntries(exifTexts(two, tags))).toEqual({ 306: 'a text' });
    const many = Buffer.alloc(20_000);
    exif([]).copy(many, 0, 0, 8);
    many.writeUInt16LE(0xffff, 8);
    for (const [index, tag] of [
      [999, 0x132],
      [1000, 0x9290],
    ] as const) {
      many.writeUInt16LE(tag, 10 + index * 12);
      many.writeUInt16LE(2, 12 + index * 12);
      many.writeUInt32LE(3, 14 + index * 12);
    }
    expect([...exifTexts(many, tags).keys()]).toEqual([0x132]);
  });

  test('end where a directory links to itself, or lies beyond the end', () => {
    expect(texts([[...LINK]], [[...LINK], [0x9003, 'inner text']])).toEqual({ 36867: 'inner text' });
    expect(exifTexts(exif([[0x132, 'a text']]).subarray(0, 9), tags).size).toBe(0);
    expect(exifTexts(Buffer.alloc(0), tags).size).toBe(0);
  });

  test('make times of three kinds, each with what stands beside it', () => {
    const second = [
      [0x9003, '2024:01:02 03:04:05'],
      [0x9011, '+01:00'],
      [0x9291, '77'],
      [0x9004, '2025:01:02 03:04:05'],
      [0x9012, '+02:00'],
      [0x9010, '-03:00'],
      [0x9290, '5'],
      [0x9292, '9'],
    ] as [number, string][];
    expect(exifTimes(exif([[0x132, '2023:01:02 03:04:05'], [...LINK]], second))).toEqual({
      DateTime: '2023-01-02T03:04:05.5-03:00',
      DateTimeOriginal: '2024-01-02T03:04:05.77+01:00',
      DateTimeDigitized: '2025-01-02T03:04:05.9+02:00',
    });
    expect(exifTimes(exif([]))).toEqual({});
  });
});

describe('fields that are kept', () => {
  /** A field of the first directory, by its number. */
  const read = (tags: Record<number, number | number[]>, ...names: string[]) =>
    readExif(tiffFile([rgbPage(undefined, tags)]), names);

  test('are lists of 64 numbers at most', async () => {
    // The standard calls 301 the transfer function.
    const list = (length: number) => Array.from({ length }, (_, n) => n + 1);
    expect(await read({ 301: list(64) }, 'TransferFunction')).toEqual({ TransferFunction: list(64) });
    expect(await read({ 301: list(65) }, 'TransferFunction')).toBeUndefined();
  });

  test('are found in any spelling, one alone as well', async () => {
    expect(await read({}, 'imageWIDTH')).toEqual({ ImageWidth: 96 });
    expect(await read({}, 'nothing')).toBeUndefined();
    expect(await read({})).toBeUndefined();
  });
});
