import { describe, expect, test } from 'vitest';
import { decodeCost, wholeCost } from '../../src/imaging/decode-cost.ts';
import type { ImageFormat } from '../../src/imaging/format.ts';
import { readJpegHeader } from '../../src/imaging/jpeg-header.ts';
import { jpegScans } from '../../src/imaging/jpeg-scans.ts';
import { stackPages } from '../../src/imaging/page-stack.ts';
import type { Picture } from '../../src/imaging/picture.ts';
import { isSmall, needsRendition } from '../../src/imaging/rendition-rules.ts';
import { rgbPage, tiffFile } from '../support/tiff.ts';

/** What any image costs. */
const LEAST = 8_000_000;
const FACTS = {
  ...{ width: 3000, height: 2000, orientation: 1, pages: 1, space: 'srgb', depth: 'uchar', channels: 3 },
  ...{ hasAlpha: false, interlaced: false },
};
const cost = (
  format: ImageFormat,
  more: Partial<typeof FACTS> = {},
  file: Buffer = Buffer.alloc(0),
  picture: Picture = {},
) => decodeCost(file, picture, format, { ...FACTS, ...more });
const load = (...given: Parameters<typeof cost>) => cost(...given).load - LEAST;
/** Nine hundred rows of three bytes a pixel. */
const ROWS = 3000 * 3 * 900;

/** A JPEG of these segments: marker and content, or bytes of a scan as they are. */
const jpeg = (...parts: (readonly [number, number] | string)[]): Buffer =>
  Buffer.concat([
    Buffer.from('ffd8', 'hex'),
    ...parts.map((part) => {
      if (typeof part === 'string') return Buffer.from(part, 'hex');
      const [marker, length] = part;
      const segment = Buffer.alloc(4 + length, 1);
      segment.writeUInt16BE(0xff00 + marker, 0);
      segment.writeUInt16BE(2 + length, 2);
      return segment;
    }),
  ]);

describe('what it takes to decode', () => {
  test('is some rows where a format is stored row by row, never more than all of them', () => {
    for (const format of ['jpeg', 'png', 'tiff'] as const) expect(load(format)).toBe(ROWS);
    expect(load('png', { width: 2000, height: 3000 }), 'by the longer side').toBe(ROWS);
    expect(load('png', { width: 100, height: 50 })).toBe(100 * 50 * 3);
    expect(load('png', { width: 900, height: 900 })).toBe(900 * 900 * 3);
    expect(load('png', { width: 2000, height: 899 })).toBe(2000 * 899 * 3);
    expect(load('png', { channels: 4, depth: 'ushort' }), 'of eight bytes a pixel').toBe(3000 * 4 * 2 * 900);
  });

  test('is all of it where a PNG is interlaced, and by canvas where frames are put on one', () => {
    expect(load('png', { interlaced: true })).toBe(3000 * 2000 * 3);
    expect(load('webp')).toBe(3000 * 2000 * 8);
    expect(load('gif')).toBe(3000 * 2000 * 4.5);
    expect(load('gif', { width: 1, height: 1 }), 'whole bytes').toBe(5);
    expect(load('bmp')).toBe(3000 * 2000 * 3);
  });

  test('is every coefficient of a JPEG in several scans, embedded or not', () => {
    const [baseline, progressive] = [jpeg([0xda, 6]), jpeg([0xda, 6], [0xda, 6])];
    expect(load('jpeg', {}, baseline)).toBe(ROWS);
    expect(load('jpeg', {}, progressive)).toBe(3000 * 2000 * 3 * 2 + ROWS);
    const file = Buffer.concat([Buffer.alloc(7), progressive, Buffer.alloc(7)]);
    const part = { start: 7, length: progressive.length };
    expect(load('tiff', {}, file, { part })).toBe(3000 * 2000 * 3 * 2 + ROWS);
    expect(load('tiff', {}, file, { part: { start: 7, length: 12 } })).toBe(ROWS);
  });

  test.each([
    ...[['uchar', 1] as const, ['char', 1] as const, ['ushort', 2] as const, ['short', 2] as const],
    ...[['uint', 4] as const, ['int', 4] as const, ['float', 4] as const, ['complex', 8] as const],
    ...[['double', 8] as const, ['dpcomplex', 16] as const, ['unheard of', 16] as const],
  ])('counts a sample of type %s as %i bytes', (depth, bytes) => {
    expect(load('png', { depth, channels: 4, interlaced: true })).toBe(3000 * 2000 * 4 * bytes);
  });

  test('has all of it to turn, where it is not upright, and three bytes of each pixel in the end', () => {
    expect(cost('png')).toMatchObject({ turn: 0, pixels: 3000 * 2000 * 3 });
    expect(cost('png', { orientation: 3, channels: 4, depth: 'ushort' })).toMatchObject({
      ...{ turn: 3000 * 2000 * 8, pixels: 3000 * 2000 * 3 },
    });
    expect(wholeCost({ load: 1, turn: 20, pixels: 300 })).toBe(321);
  });

  test('of a TIFF is a piece as well, where that is unpacked whole: a tile, a plane, a JPEG', () => {
    const page = (tags: Record<number, number | number[]>) => tiffFile([rgbPage(undefined, tags)]);
    const [tile, strip] = [64 * 32 * 3 * 3, 96 * 64 * 3 * 3];
    for (const [tags, piece] of [
      [{}, 0],
      [{ 322: 64, 323: 32 }, tile],
      [{ 284: 2 }, strip],
      [{ 259: 6 }, strip],
      [{ 259: 7 }, strip],
      [{ 259: 7, 278: 8 }, 96 * 8 * 3 * 3],
      // Of wider samples than the decoder hands on.
      [{ 322: 64, 323: 32, 258: [16, 16, 16] }, 2 * tile],
      [{ 322: 64, 323: 32, 258: [1, 1, 1] }, tile],
    ] as [Record<number, number | number[]>, number][])
      expect(load('tiff', {}, page(tags)), JSON.stringify(tags)).toBe(ROWS + piece);
    const tiled = rgbPage(undefined, { 322: 64, 323: 32 });
    const file = tiffFile([{ ...rgbPage(), subIfds: [rgbPage(), tiled] }, tiled]);
    expect(load('tiff', {}, file)).toBe(ROWS);
    expect(load('tiff', {}, file, { page: 0, subIfd: 1 })).toBe(ROWS + tile);
    expect(load('tiff', {}, file, { page: 1 })).toBe(ROWS + tile);
    expect(load('tiff', {}, file, { page: 2 })).toBe(ROWS);
  });
});

describe('scans of a JPEG', () => {
  test('are counted, whatever stands between them, to its end', () => {
    expect(jpegScans(jpeg())).toBe(0);
    expect(
      jpegScans(jpeg([0xe0, 4], [0xc0, 9], [0xda, 6], '0102ff0003ffd0aa', [0xc4, 3], [0xda, 6], 'ffd9')),
    ).toBe(2);
    for (const length of [1, 31, 32, 33, 500]) {
      const coded = `${'5a'.repeat(length)}ff00${'5a'.repeat(length)}`;
      expect(jpegScans(jpeg([0xda, 6], coded, [0xda, 6], coded)), `${length} bytes`).toBe(2);
    }
    expect(jpegScans(jpeg([0xda, 6], 'ffd9', [0xda, 6])), 'behind its end').toBe(1);
    expect(jpegScans(jpeg([0xda, 6], 'ffd90002', [0xda, 6])), 'whatever stands there').toBe(1);
    expect(jpegScans(jpeg('ffffff', [0xda, 6])), 'filled up').toBe(1);
    // Markers without a length: what follows one is no length.
    for (const bare of ['00', '01', 'd0', 'd7', 'd8']) {
      expect(jpegScans(jpeg(`ff${bare}`, [0xda, 6])), bare).toBe(1);
    }
    expect(jpegScans(jpeg([0xcf, 0], [0xda, 6], [0xd9, 0])), 'the one before them has one').toBe(1);
    expect(jpegScans(jpeg([0xda, 0]).subarray(0, 5)), 'cut').toBe(0);
    expect(jpegScans(jpeg([0xda, 0]).subarray(0, 6))).toBe(1);
  });

  test('are counted no further than asked', () => {
    const many = jpeg(...Array.from({ length: 20 }, () => [0xda, 6] as const));
    expect([jpegScans(many), jpegScans(many, 5), jpegScans(many, 20)]).toEqual([20, 6, 20]);
  });
});

describe('the header of a JPEG', () => {
  const frame = (marker: number) => {
    const segment = Buffer.from('ff0000110800f0014003', 'hex');
    segment[1] = marker;
    return segment.toString('hex');
  };
  test('says its size, and whether decoders for photographs read it', () => {
    const size = { width: 320, height: 240 };
    for (const marker of [0xc0, 0xc1, 0xc2])
      expect(readJpegHeader(jpeg(frame(marker)))).toEqual({ ...size, lossy: true });
    for (const marker of [0xc3, 0xc5, 0xcf])
      expect(readJpegHeader(jpeg(frame(marker)))).toEqual({ ...size, lossy: false });
    const before = jpeg(
      [0xe1, 20],
      [0xc4, 5],
      [0xc8, 5],
      [0xcc, 5],
      'ff',
      'ff01',
      'ffd0',
      'ffd8',
      frame(0xc0),
    );
    expect(readJpegHeader(before)).toEqual({ ...size, lossy: true });
  });

  test('is none where there is no frame to be found', () => {
    const whole = jpeg(frame(0xc0));
    expect(readJpegHeader(whole.subarray(0, 11))).toEqual({ width: 320, height: 240, lossy: true });
    const other = Buffer.from(whole);
    other[1] = 0xd9;
    expect(readJpegHeader(other)).toBeUndefined();
    for (const bytes of [
      ...[Buffer.alloc(0), Buffer.from('ffd8', 'hex'), Buffer.from('ffd9ffc0', 'hex'), whole.subarray(0, 10)],
      ...[jpeg('ffd9', frame(0xc0)), jpeg([0xda, 4], frame(0xc0)), jpeg('00', frame(0xc0)), jpeg([0xe0, 4])],
    ])
      expect(readJpegHeader(bytes), bytes.toString('hex')).toBeUndefined();
  });
});

describe('pages under one another', () => {
  const size = (width: number, height: number) => ({ width, height });
  test('have a gap between them, and are brought down to 2,500 pixels', () => {
    expect(stackPages([size(2500, 100), size(100, 50), size(5000, 1000), size(2501, 1)])).toEqual({
      pages: [
        { top: 0, width: 2500, height: 100 },
        { top: 124, width: 100, height: 50 },
        { top: 198, width: 2500, height: 500 },
        { top: 722, width: 2500, height: 1 },
      ],
      ...{ width: 2500, height: 723 },
    });
    expect(stackPages([size(1, 100_000)]).pages).toEqual([{ top: 0, width: 1, height: 2500 }]);
  });

  test('end before the one that would reach beyond 10,000', () => {
    const tall = size(10, 2500);
    const upTo = (last: number) => stackPages([tall, tall, tall, size(10, last)]).pages.length;
    expect([upTo(10_000 - 7500 - 3 * 24), upTo(10_000 - 7500 - 3 * 24 + 1)]).toEqual([4, 3]);
  });
});

describe('a rendition', () => {
  const fine = {
    ...{ format: 'jpeg' as ImageFormat, size: 50_000, width: 600, height: 400, orientation: 1 },
    ...{ space: 'srgb', depth: 'uchar', pictures: [{}] as { page?: number; damaged?: boolean }[] },
  };
  test.each<[string, Partial<typeof fine>, string | undefined]>([
    ['nothing', {}, undefined],
    ['a grey picture', { space: 'b-w' }, undefined],
    ['WebP', { format: 'webp' }, 'format'],
    ['TIFF', { format: 'tiff' }, 'format'],
    ['damage', { pictures: [{}, { damaged: true }] }, 'damage'],
    ['a later frame', { pictures: [{}, { page: 1 }] }, 'frame'],
    ['the first frame', { pictures: [{ page: 0 }] }, undefined],
    ['an orientation', { orientation: 2 }, 'orientation'],
    ['a depth', { depth: 'ushort' }, 'depth'],
    ['a colour space', { space: 'cmyk' }, 'colour'],
    ['10,000 pixels', { width: 10_000, height: 10_000 }, undefined],
    ['10,001 across', { width: 10_001 }, 'dimensions'],
    ['10,001 down', { height: 10_001 }, 'dimensions'],
    ['50 pixels', { width: 50 }, 'small'],
    ['51 pixels', { width: 51, height: 51 }, undefined],
    ['1,023 bytes', { size: 1023 }, 'small'],
    ['1,024 bytes', { size: 1024 }, undefined],
    ['3,999,999 bytes', { size: 3_999_999 }, undefined],
    ['4,000,000 bytes', { size: 4_000_000 }, 'bytes'],
  ])('is needed, or not, for %s', (_, more, reason) => {
    expect(needsRendition({ ...fine, ...more })).toBe(reason);
  });

  test('of a small picture is one of at most 50 pixels on a side', () => {
    expect([isSmall({ width: 50, height: 900 }), isSmall({ width: 900, height: 50 })]).toEqual([true, true]);
    expect(isSmall({ width: 51, height: 51 })).toBe(false);
  });
});
