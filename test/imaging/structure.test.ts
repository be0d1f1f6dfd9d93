import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { gifFrames } from '../../src/imaging/gif-frames.ts';
import { slim } from '../../src/imaging/slim.ts';
import { checkPasses, checkScans, checkStructure } from '../../src/imaging/structure.ts';

const codeOf = (work: () => void): string => {
  try {
    work();
    return 'passed';
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const repeated = (bytes: Buffer, count: number) => Buffer.concat(Array.from({ length: count }, () => bytes));

/** The chunk of a RIFF, or of a PNG. */
const riff = (type: string, length: number, content = length) => {
  const bytes = Buffer.alloc(8 + content + (content % 2));
  bytes.write(type, 'latin1');
  bytes.writeUInt32LE(length, 4);
  return bytes;
};
const webp = (...chunks: Buffer[]) => Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBP'), ...chunks]);
const chunk = (type: string, content: Buffer) => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(content.length, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content, Buffer.alloc(4)]);
};
const SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const png = (...chunks: Buffer[]) => Buffer.concat([SIGNATURE, ...chunks]);

describe('passes over a file', () => {
  test('of a WebP are its frames, a thousand at most, whatever stands between them', () => {
    const frames = (count: number, between = Buffer.alloc(0)) =>
      codeOf(() => checkPasses(webp(repeated(Buffer.concat([riff('ANMF', 3), between]), count)), 'webp'));
    expect([frames(1000), frames(1001)]).toEqual(['passed', 'ImageTooManyPages']);
    // Of odd length, each is filled up.
    expect([frames(1000, riff('EXIF', 5)), frames(1001, riff('EXIF', 5))]).toEqual([
      'passed',
      'ImageTooManyPages',
    ]);
    expect(codeOf(() => checkPasses(webp(repeated(riff('VP8 ', 2), 2000)), 'webp'))).toBe('passed');
    expect(
      codeOf(() => checkPasses(webp(repeated(riff('ANMF', 2), 2000)), 'png')),
      'of that format only',
    ).toBe('passed');
  });

  /** A chain of directories with so many entries each, in any of the four layouts. */
  function chain(count: number, { big = false, little = true, entries = 1, circle = false } = {}): Buffer {
    const [head, size, width] = big ? [16, 20, 8] : [8, 12, 4];
    const each = (big ? 8 : 2) + entries * size + width;
    const bytes = Buffer.alloc(head + count * each);
    const write = (value: number, at: number, length: 2 | 4 | 8) => {
      const [start, six] = length === 8 ? [little ? at : at + 2, 6] : [at, length];
      if (little) bytes.writeUIntLE(value, start, six);
      else bytes.writeUIntBE(value, start, six);
    };
    bytes.write(little ? 'II' : 'MM', 'latin1');
    write(big ? 43 : 42, 2, 2);
    write(head, big ? 8 : 4, width as 4 | 8);
    for (let page = 0; page < count; page += 1) {
      const at = head + page * each;
      write(entries, at, big ? 8 : 2);
      const next = page + 1 < count ? at + each : circle ? head : 0;
      write(next, at + each - width, width as 4 | 8);
    }
    return bytes;
  }

  test.each([
    [false, true],
    [false, false],
    [true, true],
    [true, false],
  ])('of a TIFF are its pages, a thousand at most (big: %s, little: %s)', (big, little) => {
    const pages = (count: number, more = {}) =>
      codeOf(() => checkPasses(chain(count, { big, little, ...more }), 'tiff'));
    expect([pages(1000), pages(1001)]).toEqual(['passed', 'ImageTooManyPages']);
    expect([pages(1000, { entries: 3 }), pages(1001, { entries: 3 })]).toEqual([
      'passed',
      'ImageTooManyPages',
    ]);
    expect(pages(1000, { circle: true }), 'once round').toBe('passed');
  });

  test('of a JPEG are its scans, a hundred at most', () => {
    const scan = Buffer.from('ffda0002', 'hex');
    const jpeg = (count: number) => Buffer.concat([Buffer.from('ffd8', 'hex'), repeated(scan, count)]);
    for (const check of [
      checkScans,
      (bytes: Buffer) => checkPasses(bytes, 'jpeg'),
      (bytes: Buffer) => checkStructure(bytes, 'jpeg'),
    ])
      expect([codeOf(() => check(jpeg(100))), codeOf(() => check(jpeg(101)))]).toEqual([
        'passed',
        'ImageTooManyScans',
      ]);
    expect(codeOf(() => checkPasses(jpeg(101), 'png'))).toBe('passed');
  });
});

describe('compressed texts of a PNG', () => {
  const MB = 1_000_000;
  const packed = (length: number) => deflateSync(Buffer.alloc(length));
  const zTXt = (length: number) => chunk('zTXt', Buffer.concat([Buffer.from('word\0\0'), packed(length)]));
  const iTXt = (length: number, flag = 1) =>
    chunk(
      'iTXt',
      Buffer.concat([Buffer.from(`word\0${String.fromCharCode(flag)}\0en\0Wort\0`), packed(length)]),
    );
  const check = (...chunks: Buffer[]) => codeOf(() => checkStructure(png(...chunks), 'png'));

  const text = (type: string, content: string) => chunk(type, Buffer.from(content, 'latin1'));
  const [eightMb, international] = [zTXt(8 * MB), iTXt(8 * MB)];
  // At the limit, to the byte.
  const full = [...Array<Buffer>(4).fill(eightMb), ...Array<Buffer>(4).fill(international)];

  test('may unpack to 64 MB together, of either kind; what is not compressed, or has no text, is nothing', () => {
    const nothing = [
      ...[iTXt(8 * MB, 0), text('tEXt', 'word\0text'), text('zTXt', 'no end of its word'), text('zTXt', '')],
      ...[text('iTXt', 'word\0\x01\0en without an end'), text('iTXt', 'word\0\x01\0en\0no end')],
      text('iTXt', 'word\0'),
    ];
    expect(check(...nothing, ...full)).toBe('passed');
    expect(check(...full, zTXt(1))).toBe('ImageTooMuchMetadata');
    expect(check(...full, iTXt(1))).toBe('ImageTooMuchMetadata');
    expect(check(...full, text('zTXt', 'word\0\0no zlib')), 'a broken one costs the least').toBe(
      'ImageTooMuchMetadata',
    );
    expect(check(...full, chunk('IEND', Buffer.alloc(0)), eightMb), 'behind the end').toBe('passed');
    expect(codeOf(() => checkStructure(png(...full, eightMb), 'gif'))).toBe('passed');
  });

  test('count eight megabytes each at most, and a thousand bytes at least', () => {
    const seven = [zTXt(20 * MB), ...full.slice(0, 6)];
    const tiny = zTXt(10);
    expect(check(...seven, ...Array<Buffer>(8000).fill(tiny))).toBe('passed');
    expect(check(...seven, ...Array<Buffer>(8001).fill(tiny))).toBe('ImageTooMuchMetadata');
  });
});

describe('what a decoder is given', () => {
  test('of a PNG is all but its texts', () => {
    const [head, data, end] = [
      chunk('IHDR', Buffer.alloc(13)),
      chunk('IDAT', Buffer.from('abc')),
      chunk('IEND', Buffer.alloc(0)),
    ];
    const [one, two, three] = ['tEXt', 'zTXt', 'iTXt'].map((type) => chunk(type, Buffer.from('word\0text')));
    const whole = png(head, data, end);
    expect(slim(whole)).toBe(whole);
    for (const mixed of [
      png(one as Buffer, head, data, end),
      png(head, one as Buffer, two as Buffer, data, three as Buffer, end),
      png(head, data, end, three as Buffer),
    ])
      expect(slim(mixed)).toEqual(whole);
    expect(slim(png(head, one as Buffer).subarray(0, -6)), 'cut in a text').toEqual(png(head));
    const other = Buffer.from('no image');
    expect(slim(other)).toBe(other);
  });

  /** A GIF of frames that hold nothing, with colour tables where asked for. */
  const gif = (frames: number, { table = false, local = false, between = false } = {}) => {
    const head = Buffer.alloc(13);
    head.write('GIF89a', 'latin1');
    head[10] = table ? 0x81 : 0;
    const colours = Buffer.alloc(table ? 12 : 0, 0x2c);
    const descriptor = Buffer.alloc(10);
    descriptor[0] = 0x2c;
    descriptor[9] = local ? 0x80 : 0;
    const frame = Buffer.concat([
      between ? Buffer.from([0x21, 0xf9, 2, 0x2c, 0x2c, 0]) : Buffer.alloc(0),
      descriptor,
      Buffer.alloc(local ? 6 : 0, 0x3b),
      Buffer.from([8, 3, 0x2c, 0x3b, 0x21, 1, 0x2c, 0]),
    ]);
    return {
      bytes: Buffer.concat([head, colours, repeated(frame, frames), Buffer.from([0x3b])]),
      frame: frame.length,
      start: 13 + colours.length,
    };
  };

  test.each([{}, { table: true }, { local: true }, { table: true, local: true, between: true }])(
    'of a GIF frames are found by the lengths that it states: %o',
    (options) => {
      const { bytes, frame, start } = gif(3, options);
      const ends = [1, 2, 3].map((n) => start + n * frame);
      expect(gifFrames(bytes)).toEqual({ frames: 3, ends });
      expect(gifFrames(bytes, 2)).toEqual({ frames: 2, ends: ends.slice(0, 2) });
      expect(gifFrames(bytes.subarray(0, start + frame + 3)), 'cut in a frame').toEqual({
        frames: 1,
        ends: ends.slice(0, 1),
      });
      const cut = bytes.subarray(0, start + frame - 2);
      expect(gifFrames(cut), 'cut in its blocks').toEqual({ frames: 1, ends: [cut.length] });
      expect(gifFrames(gif(101, options).bytes).ends).toHaveLength(100);
    },
  );

  test('of a GIF are its first thirty frames, and a trailer', () => {
    expect(gifFrames(Buffer.from('GIF89a'))).toEqual({ frames: 0, ends: [] });
    const thirty = gif(30).bytes;
    expect(slim(thirty)).toBe(thirty);
    expect(slim(gif(31).bytes)).toEqual(thirty);
    expect(slim(gif(400).bytes)).toEqual(thirty);
  });
});
