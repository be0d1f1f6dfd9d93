import { describe, expect, test } from 'vitest';
import type { Picture } from '../../src/imaging/picture.ts';
import { readTiffDirectories } from '../../src/imaging/tiff-directories.ts';
import { tiffPictures } from '../../src/imaging/tiff-pictures.ts';
import { quadrants } from '../support/images.ts';
import { previewPage, rgbPage, sensorPage, type TiffPage, tiffFile } from '../support/tiff.ts';

type Entry = readonly [tag: number, type: number, values: readonly number[]];
const SIZES: Record<number, number> = { 1: 1, 2: 1, 3: 2, 4: 4, 7: 1, 13: 4, 16: 8, 18: 8 };

/** A TIFF of directories in a chain, in any of the four layouts; values that are too long stand at the end of the file. */
function tiff(
  directories: readonly (readonly Entry[])[],
  { big = false, little = true, last = 0 }: { big?: boolean; little?: boolean; last?: number } = {},
): Buffer {
  const [head, size, width] = big ? [16, 20, 8] : [8, 12, 4];
  const length = (entries: readonly Entry[]) => (big ? 8 : 2) + entries.length * size + width;
  const end = head + directories.reduce((sum, entries) => sum + length(entries), 0);
  const bytes = Buffer.alloc(end + 5000);
  const write = (value: number, at: number, of: number) => {
    const [start, six] = of === 8 ? [little ? at : at + 2, 6] : [at, of];
    if (little) bytes.writeUIntLE(value, start, six);
    else bytes.writeUIntBE(value, start, six);
  };
  bytes.write(little ? 'II' : 'MM', 'latin1');
  write(big ? 43 : 42, 2, 2);
  write(head, big ? 8 : 4, width);
  let at = head;
  let free = end;
  for (const [index, entries] of directories.entries()) {
    write(entries.length, at, big ? 8 : 2);
    for (const [n, [tag, type, values]] of entries.entries()) {
      const start = at + (big ? 8 : 2) + n * size;
      write(tag, start, 2);
      write(type, start + 2, 2);
      write(values.length, start + 4, width);
      const each = SIZES[type] as number;
      let to = start + 4 + width;
      if (each * values.length > width) {
        write(free, to, width);
        to = free;
        free += each * values.length;
      }
      for (const [place, value] of values.entries()) write(value, to + place * each, each);
    }
    const next = at + length(entries);
    write(index + 1 < directories.length ? next : last, next - width, width);
    at = next;
  }
  return bytes;
}

/** What a directory is that says nothing. */
const NOTHING = {
  ...{ page: 0, width: 0, height: 0, bitsPerSample: 1, samplesPerPixel: 1, compression: 1 },
  ...{ photometric: undefined, planar: false, tiled: false, pieceArea: 0, reduced: false, mask: false },
  ...{ orientation: undefined, piece: undefined, dng: false },
};
const only = (...entries: Entry[]) => readTiffDirectories(tiff([entries]))[0];

describe('a directory', () => {
  test.each([
    [false, true],
    [false, false],
    [true, true],
    [true, false],
  ])('says what it says in every layout (big: %s, little: %s)', (big, little) => {
    const entries: Entry[] = [
      ...([
        [254, 4, [1]],
        [256, 3, [640]],
        [257, 4, [480]],
        [258, 3, [8, 12, 10]],
        [259, 3, [7]],
      ] as const),
      ...([
        [262, 3, [6]],
        [273, 4, [99]],
        [274, 3, [6]],
        [277, 3, [3]],
        [278, 3, [16]],
      ] as const),
      ...([
        [279, 4, [50]],
        [284, 3, [2]],
        [50706, 1, [1, 4, 0, 0]],
      ] as const),
    ];
    expect(readTiffDirectories(tiff([entries], { big, little }))).toEqual([
      {
        ...{ page: 0, width: 640, height: 480, bitsPerSample: 12, samplesPerPixel: 3, compression: 7 },
        ...{ photometric: 6, planar: true, tiled: false, pieceArea: 640 * 16, reduced: true, mask: false },
        ...{ orientation: 6, piece: { start: 99, length: 50 }, dng: true },
      },
    ]);
  });

  test('has the standard’s defaults where it says nothing', () => {
    expect(only()).toEqual(NOTHING);
    expect(only([256, 4, [10]], [257, 4, [20]])).toEqual({
      ...NOTHING,
      width: 10,
      height: 20,
      pieceArea: 200,
    });
    expect(
      only([256, 4, [10]], [257, 4, [20]], [278, 4, [99]])?.pieceArea,
      'a strip ends with the picture',
    ).toBe(200);
  });

  test('has tiles where it says their width or place', () => {
    expect(only([322, 4, [64]], [323, 4, [32]])).toMatchObject({ tiled: true, pieceArea: 2048 });
    expect(only([324, 4, [64]])).toMatchObject({ tiled: true, pieceArea: 0 });
    expect(only([323, 4, [64]])).toMatchObject({ tiled: false });
    expect(only([322, 4, [64]])).toMatchObject({ tiled: true, pieceArea: 0 });
  });

  test('is a copy of another, or a mask, by either tag', () => {
    const kind = (...entries: Entry[]) => [only(...entries)?.reduced, only(...entries)?.mask];
    expect([0, 1, 2, 4, 5].map((value) => kind([254, 4, [value]]))).toEqual([
      ...[
        [false, false],
        [true, false],
        [false, false],
        [false, true],
        [true, true],
      ],
    ]);
    expect([1, 2, 3].map((value) => kind([255, 3, [value]]))).toEqual([
      ...[
        [false, false],
        [true, false],
        [false, false],
      ],
    ]);
    expect([1, 2].map((value) => only([284, 3, [value]])?.planar)).toEqual([false, true]);
  });

  test('has its bytes in one piece where one offset says so, and the rest of the file where their number is not said', () => {
    const file = tiff([[]]).length;
    const piece = (...entries: Entry[]) => {
      const bytes = tiff([entries]);
      return [readTiffDirectories(bytes)[0]?.piece, bytes.length] as const;
    };
    expect(piece([513, 4, [100]], [514, 4, [7]])[0]).toEqual({ start: 100, length: 7 });
    expect(piece([273, 4, [100]], [279, 4, [7]])[0]).toEqual({ start: 100, length: 7 });
    expect(piece([513, 4, [100]], [514, 4, [7]], [273, 4, [200]], [279, 4, [9]])[0]).toEqual({
      start: 100,
      length: 7,
    });
    // The length of strips is none of an embedded file.
    const [whole, length] = piece([513, 4, [100]], [279, 4, [9]]);
    expect(whole).toEqual({ start: 100, length: length - 100 });
    for (const stated of [0, 1_000_000]) {
      const [found, of] = piece([513, 4, [100]], [514, 4, [stated]]);
      expect(found).toEqual({ start: 100, length: of - 100 });
    }
    for (const none of [[0], [file * 10], [100, 200]]) expect(piece([273, 4, none])[0]).toBeUndefined();
    const at = tiff([[[513, 4, [1]]]]).length;
    expect(piece([513, 4, [at]])[0], 'at the very end').toBeUndefined();
    expect(piece([513, 4, [at - 1]])[0]).toEqual({ start: at - 1, length: 1 });
  });

  test('takes values of every type that numbers have, and no other', () => {
    for (const type of [1, 2, 3, 4, 13]) expect(only([256, type, [200]])?.width, `type ${type}`).toBe(200);
    expect(only([256, 7, [200]])?.width).toBe(0);
    for (const type of [16, 18]) {
      expect(readTiffDirectories(tiff([[[256, type, [200]]]], { big: true }))[0]?.width).toBe(200);
      expect(readTiffDirectories(tiff([[[256, type, [200]]]]))[0]?.width, 'behind the directory').toBe(200);
    }
    expect(only([256, 4, []], [257, 4, [5]])).toMatchObject({ width: 0, height: 5 });
  });
});

describe('the directories of a file', () => {
  test('are its pages, each with its SubIFDs behind it, once each', () => {
    const file = tiffFile([
      { ...rgbPage(quadrants(10, 20)), subIfds: [rgbPage(quadrants(30, 40)), rgbPage(quadrants(50, 60))] },
      rgbPage(quadrants(70, 80)),
    ]);
    expect(readTiffDirectories(file).map(({ page, subIfd, width }) => [page, subIfd, width])).toEqual([
      ...[
        [0, undefined, 10],
        [0, 0, 30],
        [0, 1, 50],
        [1, undefined, 70],
      ],
    ]);
    expect(readTiffDirectories(tiff([[[256, 4, [1]]]], { last: 8 })), 'a circle').toHaveLength(1);
    expect(readTiffDirectories(tiff([[[256, 4, [1]]]], { last: 1_000_000 }))).toHaveLength(1);
    // A SubIFD that is a page, at nowhere, or behind the end.
    expect(readTiffDirectories(tiff([[[330, 4, [8, 0, 1_000_000]]]]))).toHaveLength(1);
    expect(readTiffDirectories(Buffer.from('II*\0'))).toEqual([]);
  });

  test('are read up to twelve hundred and a hundred thousand entries, of SubIFDs 32 each', () => {
    const empty = Array.from({ length: 1201 }, () => []);
    expect(readTiffDirectories(tiff(empty))).toHaveLength(1200);
    const subs = Array.from({ length: 40 }, (_, n) => 100 + n * 2);
    expect(readTiffDirectories(tiff([[[330, 4, subs]]]))).toHaveLength(33);
    const entry: Entry = [256, 4, [7]];
    const widths = (first: number) =>
      readTiffDirectories(tiff([Array.from({ length: first }, () => [1, 1, [1]] as const), [entry]])).map(
        ({ width }) => width,
      );
    // A directory may say that it has 65,535 at most.
    const many = (rest: number) =>
      readTiffDirectories(
        tiff([
          Array.from({ length: 60_000 }, () => [1, 1, [1]] as const),
          Array.from({ length: rest }, () => [1, 1, [1]] as const),
          [entry],
        ]),
      ).at(-1)?.width;
    expect(widths(10)).toEqual([0, 7]);
    expect([many(39_999), many(40_000)]).toEqual([7, 0]);
  });
});

/** Without the sizes by which it was chosen. */
const bare = (picture: Picture): Picture => {
  const { pixels: _, longest: __, ...rest } = picture as Picture & { pixels?: number; longest?: number };
  return rest;
};

describe('what of a TIFF is looked at', () => {
  const of = (...pages: TiffPage[]) => {
    const { pictures, ...rest } = tiffPictures(tiffFile(pages));
    return { ...rest, pictures: pictures.map(bare) };
  };
  const page = (width: number, height: number, tags: TiffPage['tags'] = {}): TiffPage => ({
    tags: { 256: width, 257: height, 258: 8, 259: 1, 262: 1, ...tags },
    data: Buffer.alloc(4),
  });
  const codeOf = (work: () => unknown) => {
    try {
      work();
      return 'found';
    } catch (error) {
      return (error as Error).message;
    }
  };

  test('is each of its pages, and of each the largest picture', () => {
    expect(of(page(10, 10))).toEqual({ pictures: [{}], unread: 0 });
    expect(of(page(10, 10), page(20, 20))).toEqual({ pictures: [{}, { page: 1 }], unread: 0 });
    expect(of({ ...page(10, 10), subIfds: [page(20, 20), page(20, 30), page(30, 20)] })).toEqual({
      pictures: [{ subIfd: 1 }],
      unread: 0,
    });
    expect(of(page(0, 10), page(10, 0), page(1, 1))).toEqual({ pictures: [{ page: 2 }], unread: 0 });
    expect(of(page(0, 10)), 'nothing that a decoder would not say better').toEqual({
      pictures: [{}],
      unread: 0,
    });
  });

  test('is no copy, no mask, and no page of a kind that is not read; those are counted', () => {
    expect(of(page(10, 10), page(99, 99, { 254: 1 }), page(99, 99, { 254: 4 }))).toEqual({
      pictures: [{}],
      unread: 0,
    });
    for (const tags of [{ 259: 34_925 }, { 258: 12 }, { 284: 2, 322: 16, 323: 16 }] as TiffPage['tags'][])
      expect(of(page(10, 10), page(10, 10, tags))).toEqual({ pictures: [{}], unread: 1 });
    for (const tags of [
      { 284: 2 },
      { 322: 16, 323: 16 },
      ...[1, 2, 4, 16, 32, 64].map((bits) => ({ 258: bits })),
    ] as TiffPage['tags'][])
      expect(of(page(10, 10), page(10, 10, tags)).unread).toBe(0);
    // Copies only: the first of them.
    expect(of(page(10, 10, { 254: 4 }), page(5, 5, { 254: 1 }), page(9, 9, { 254: 1 }))).toEqual({
      ...{ pictures: [{ page: 1 }], unread: 0 },
    });
  });

  test.each<[TiffPage['tags'], RegExp]>([
    [{ 259: 34_925 }, /image with a compression \(LZMA\) that/],
    [{ 259: 777 }, /with a compression \(number 777\)/],
    [{ 284: 2, 322: 16, 323: 16 }, /of a layout \(tiles, each colour on its own\)/],
    [{ 258: 12 }, /of a depth \(12 bits a sample\)/],
    [{ 254: 4 }, /of a kind that/],
  ])('is nothing where nothing can be read, and it is said why: %j', (tags, message) => {
    expect(codeOf(() => of(page(10, 10, tags)))).toMatch(message);
  });

  describe('of a camera raw file', () => {
    /** A frame header that says so many pixels, and of what kind. */
    const jpeg = (width: number, height: number, marker = 0xc0) => {
      const bytes = Buffer.from('ffd8ffc000110800000000030000', 'hex');
      bytes[3] = marker;
      bytes.writeUInt16BE(height, 7);
      bytes.writeUInt16BE(width, 9);
      return bytes;
    };
    const preview = (width: number, height: number, tags: TiffPage['tags'] = {}, marker = 0xc0) =>
      previewPage(jpeg(width, height, marker), tags);

    test('is its largest preview, of 600 pixels at least', () => {
      const found = of(sensorPage(4000, 3000), preview(900, 700), preview(700, 900), preview(650, 600));
      expect(found).toMatchObject({ unread: 0, raw: { width: 4000, height: 3000 } });
      expect(found.pictures).toHaveLength(1);
      expect(of(sensorPage(4000, 3000), preview(600, 1)).pictures).toHaveLength(1);
      expect(of(sensorPage(4000, 3000), preview(1, 600)).pictures).toHaveLength(1);
      const without = /camera raw file without a preview/;
      expect(codeOf(() => of(sensorPage(4000, 3000), preview(599, 599)))).toMatch(without);
      expect(codeOf(() => of(sensorPage(4000, 3000), preview(900, 0)))).toMatch(without);
      expect(codeOf(() => of(sensorPage(4000, 3000), preview(0, 900)))).toMatch(without);
      expect(
        codeOf(() => of(sensorPage(4000, 3000), preview(900, 900, {}, 0xc3))),
        'lossless',
      ).toMatch(without);
      expect(
        codeOf(() => of(sensorPage(4000, 3000), preview(900, 900, { 322: 16 }))),
        'tiles',
      ).toMatch(without);
      expect(codeOf(() => of(sensorPage(4000, 3000, { 50706: 1 })))).toMatch(/raw file \(DNG\) without/);
    });

    test('is told of as a preview only where it is smaller than what the camera took', () => {
      expect(of(sensorPage(1000, 600), preview(1000, 599)).raw).toEqual({ width: 1000, height: 600 });
      expect(of(sensorPage(1000, 600), preview(1000, 600))).not.toHaveProperty('raw');
      expect(of(sensorPage(100, 60), sensorPage(1000, 600), preview(700, 10)).raw).toEqual({
        width: 1000,
        height: 600,
      });
    });

    test('may be a picture of a page that is read as it is', () => {
      const found = of(sensorPage(4000, 3000), page(800, 700, { 262: 2 }), preview(600, 600));
      expect(found.pictures).toEqual([{ page: 1 }]);
      // Of a page that a decoder reads itself its bytes are no file of their own.
      const whole = { ...preview(900, 900, { 259: 7, 256: 700, 257: 700, 258: 8 }) };
      expect(of(sensorPage(4000, 3000), whole).pictures).toEqual([{ page: 1 }]);
    });

    test('is one by its mosaic, its compression, or its mark', () => {
      const raw = (...pages: TiffPage[]) => codeOf(() => of(...pages));
      for (const tags of [
        ...[{ 262: 32_803 }, { 262: 34_892 }],
        ...[32_767, 32_769, 32_770, 34_713, 65_000, 65_535].map((compression) => ({ 259: compression })),
      ] as TiffPage['tags'][])
        expect(raw(page(100, 100, tags))).toMatch(/camera raw/);
      const marked = tiffFile([page(100, 100)], Buffer.from('CR\x02\0', 'latin1'));
      expect(codeOf(() => tiffPictures(marked))).toMatch(/camera raw/);
    });

    test('is turned as its own page says, or else the first of the file', () => {
      const turned = (first: number | undefined, own: number | undefined) => {
        const tag = (value: number | undefined) => (value === undefined ? {} : { 274: value });
        const pages = [{ ...sensorPage(4000, 3000, tag(first)), subIfds: [preview(900, 700, tag(own))] }];
        return of(...pages).pictures[0]?.orientation;
      };
      expect([
        turned(6, undefined),
        turned(6, 8),
        turned(undefined, 3),
        turned(undefined, undefined),
      ]).toEqual([...[6, 8, 3, undefined]]);
      expect([
        turned(1, undefined),
        turned(9, undefined),
        turned(8, undefined),
        turned(2, undefined),
        turned(6, 1),
      ]).toEqual([...[undefined, undefined, 8, 2, undefined]]);
      // What a decoder reads itself it turns itself, where the page says so.
      const read = (first: number, own?: number) =>
        of({
          ...sensorPage(4000, 3000, { 274: first }),
          subIfds: [page(900, 700, own === undefined ? {} : { 274: own })],
        }).pictures[0];
      expect([read(6), read(6, 8)]).toEqual([{ subIfd: 0, orientation: 6 }, { subIfd: 0 }]);
    });
  });
});
