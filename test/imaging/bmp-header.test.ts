import { describe, expect, test } from 'vitest';
import { bmpFacts, decodeBmp, readBmpHeader } from '../../src/imaging/bmp.ts';

/** A BMP as its header says it: whatever is not said fits the rest. */
function bmp(given: {
  size?: number;
  width?: number;
  height?: number;
  planes?: number;
  bits?: number;
  compression?: number;
  used?: number;
  /** Between header and pixels: masks, a palette. */
  between?: readonly number[];
  offset?: number;
  /** Bytes of pixels. */
  pixels?: number | readonly number[];
}): Buffer {
  const { size = 40, width = 4, height = 2, planes = 1, bits = 24, compression = 0, used = 0 } = given;
  const between = given.between ?? [];
  const length = 14 + size;
  const head = Buffer.alloc(Math.max(length, 54));
  head.write('BM', 'latin1');
  head.writeUInt32LE(given.offset ?? length + between.length, 10);
  head.writeUInt32LE(size, 14);
  if (size === 12) {
    for (const [index, value] of [width, height, planes, bits].entries())
      head.writeUInt16LE(value, 18 + index * 2);
  } else {
    head.writeInt32LE(width, 18);
    head.writeInt32LE(height, 22);
    head.writeUInt16LE(planes, 26);
    head.writeUInt16LE(bits, 28);
    if (size > 16) {
      head.writeUInt32LE(compression, 30);
      head.writeUInt32LE(used, 46);
    }
  }
  const stride = Math.ceil((width * bits) / 32) * 4;
  const pixels = given.pixels ?? Math.abs(stride * height);
  const body = typeof pixels === 'number' ? Buffer.alloc(Math.max(0, pixels)) : Buffer.from(pixels);
  return Buffer.concat([head.subarray(0, length), Buffer.from(between), body]);
}
const outcome = (bytes: Buffer) => {
  try {
    readBmpHeader(bytes);
    return 'read';
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const le = (...values: number[]) =>
  values.flatMap((value) => [...new Uint8Array(new Uint32Array([value]).buffer)]);

describe('the header of a BMP', () => {
  test('is read as it stands', () => {
    expect(readBmpHeader(bmp({}))).toEqual({
      ...{ width: 4, height: 2, topDown: false, bitsPerPixel: 24, pixelOffset: 54, stride: 12 },
      ...{ masks: [0xff0000, 0xff00, 0xff], palette: { offset: 54, colours: 0, entrySize: 4 } },
    });
    expect(readBmpHeader(bmp({ height: -2, bits: 16 }))).toMatchObject({
      ...{ height: 2, topDown: true, stride: 8, masks: [0x7c00, 0x03e0, 0x1f] },
    });
    expect(readBmpHeader(bmp({ size: 12, bits: 1, width: 33, between: Array(6).fill(7) }))).toMatchObject({
      ...{ width: 33, stride: 8, palette: { offset: 26, colours: 2, entrySize: 3 }, pixelOffset: 32 },
    });
    expect(bmpFacts(bmp({ height: -2 }))).toEqual({
      ...{ width: 4, height: 2, orientation: 1, pages: 1, space: 'srgb', depth: 'uchar', channels: 3 },
      ...{ hasAlpha: false, interlaced: false },
    });
  });

  test.each<[string, Parameters<typeof bmp>[0], string]>([
    ['of a size between those there are', { size: 13 }, 'BrokenImage'],
    ['of 15 bytes', { size: 15 }, 'BrokenImage'],
    ['of 16 bytes', { size: 16 }, 'read'],
    ['of 64 bytes', { size: 64 }, 'read'],
    ['longer than the file', { size: 40, pixels: 0, offset: 54, height: 0 }, 'BrokenImage'],
    ['without a width', { width: 0 }, 'BrokenImage'],
    ['of negative width', { width: -4, pixels: 100 }, 'BrokenImage'],
    ['without a height', { height: 0 }, 'BrokenImage'],
    ['one pixel wide', { width: 1, height: 1 }, 'read'],
    ['of no plane', { planes: 0 }, 'BrokenImage'],
    ['of two planes', { planes: 2 }, 'BrokenImage'],
    ['whose last byte is missing', { pixels: 23 }, 'BrokenImage'],
    ['whose pixels begin in it', { offset: 53, pixels: 30 }, 'BrokenImage'],
    ['whose palette is cut by its pixels', { bits: 1, between: Array(7).fill(0) }, 'BrokenImage'],
    ['whose palette fits', { bits: 1, between: Array(8).fill(0) }, 'read'],
    ['that uses fewer colours', { bits: 8, used: 1, between: [1, 2, 3, 4] }, 'read'],
    ['that uses more colours than there are', { bits: 1, used: 3, between: Array(8).fill(0) }, 'read'],
    ['with a palette it has no use for', { bits: 24, used: 9 }, 'read'],
    ['of 2 bits', { bits: 2, between: Array(16).fill(0) }, 'UnsupportedImageFormat'],
    ['with run lengths', { bits: 8, compression: 1, between: Array(1024).fill(0) }, 'UnsupportedImageFormat'],
    ['with masks for 24 bits', { compression: 3, between: Array(12).fill(0) }, 'UnsupportedImageFormat'],
    ['with masks for 16 bits', { bits: 16, compression: 3, between: Array(12).fill(0) }, 'read'],
    ['with masks for 32 bits', { bits: 32, compression: 3, between: Array(12).fill(0) }, 'read'],
    ['with four masks', { bits: 32, compression: 6, between: Array(16).fill(0) }, 'read'],
    ['whose fourth mask is cut', { bits: 32, compression: 6, between: Array(15).fill(0) }, 'BrokenImage'],
    ['whose third mask is cut', { bits: 32, compression: 3, between: Array(11).fill(0) }, 'BrokenImage'],
    ['with masks in itself', { size: 56, bits: 32, compression: 3 }, 'read'],
    [
      'of OS/2 with a compression of facsimiles',
      { size: 64, bits: 32, compression: 3 },
      'UnsupportedImageFormat',
    ],
    ['whose masks end with the file', { size: 36, bits: 32, compression: 3, height: 1 }, 'read'],
    ['of 12 bytes whose other fields are pixels', { size: 12, bits: 24 }, 'read'],
  ])('%s', (_, given, expected) => {
    expect(outcome(bmp(given))).toBe(expected);
  });

  test('says of what kind it is that is not read', () => {
    const message = (given: Parameters<typeof bmp>[0]) => {
      try {
        readBmpHeader(bmp(given));
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    const between = Array(1024).fill(0);
    expect(message({ bits: 2, between })).toMatch(/^This BMP image is of a depth \(2 bits a pixel\)/);
    expect(message({ bits: 24, compression: 3, between })).toMatch(/is of a depth \(24 bits a pixel\)/);
    for (const given of [
      { bits: 8, compression: 1 },
      { size: 64, bits: 32, compression: 3 },
    ])
      expect(message({ ...given, between })).toMatch(/is compressed in a way/);
  });

  test('is none where the file is too short or another', () => {
    const whole = bmp({ size: 12, bits: 24, width: 1, height: 1 });
    expect(outcome(whole.subarray(0, 26)), 'its pixels are missing').toBe('BrokenImage');
    expect(outcome(whole.subarray(0, 25))).toBe('BrokenImage');
    expect(outcome(Buffer.alloc(0))).toBe('BrokenImage');
    const other = bmp({});
    other.write('MB', 'latin1');
    expect(outcome(other)).toBe('BrokenImage');
    const promising = bmp({});
    promising.writeUInt32LE(200, 14);
    expect(outcome(promising)).toBe('BrokenImage');
  });
});

describe('the pixels of a BMP', () => {
  const pixels = (given: Parameters<typeof bmp>[0]) => [...decodeBmp(bmp(given), 100).data];

  test('come from the bottom row, or from the top one, without the bytes that fill a row up', () => {
    const rows = [3, 2, 1, 0, 6, 5, 4, 0];
    expect(pixels({ width: 1, height: 2, pixels: rows })).toEqual([4, 5, 6, 1, 2, 3]);
    expect(pixels({ width: 1, height: -2, pixels: rows })).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('of a palette are its colours, black beyond it', () => {
    const between = [...[30, 20, 10, 0], ...[31, 21, 11, 0]];
    expect(pixels({ width: 2, height: 1, bits: 8, used: 2, between, pixels: [1, 2, 0, 0] })).toEqual([
      ...[11, 21, 31],
      ...[0, 0, 0],
    ]);
    expect(pixels({ width: 3, height: 1, bits: 4, used: 2, between, pixels: [0x10, 0x10, 0, 0] })).toEqual([
      ...[11, 21, 31],
      ...[10, 20, 30],
      ...[11, 21, 31],
    ]);
    expect(
      pixels({ width: 10, height: 1, bits: 1, between, pixels: [0b01000000, 0b01000000, 0, 0] }),
    ).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 0, 1].flatMap((index) => [10 + index, 20 + index, 30 + index]));
    const short = [30, 20, 10, 31, 21, 11];
    expect(
      pixels({ size: 12, width: 2, height: 1, bits: 1, between: short, pixels: [0x40, 0, 0, 0] }),
    ).toEqual([...[10, 20, 30], ...[11, 21, 31]]);
  });

  test('of a palette may be its last', () => {
    const between = Array.from({ length: 1024 }, (_, n) => (n % 4 === 3 ? 0 : Math.floor(n / 4)));
    expect(pixels({ width: 2, height: 1, bits: 8, between, pixels: [255, 254, 0, 0] })).toEqual([
      ...[255, 255, 255],
      ...[254, 254, 254],
    ]);
  });

  test('of masks are scaled to eight bits, and none where a mask is empty', () => {
    const masked = (masks: number[], value: number[]) =>
      pixels({ width: 1, height: 1, bits: 32, compression: 3, between: le(...masks), pixels: value });
    expect(masked([0xf, 0x3f0, 0x80000000], le(0x8000_01f8))).toEqual([136, 125, 255]);
    expect(masked([0, 0xff, 0xff00], le(0xffff_0a14))).toEqual([0, 20, 10]);
    expect(masked([0xffff_ffff, 1, 2], le(0x8000_0001))).toEqual([128, 255, 0]);
  });

  test('are as many as may be decoded', () => {
    expect(decodeBmp(bmp({}), 8)).toMatchObject({ width: 4, height: 2 });
    expect(() => decodeBmp(bmp({}), 7)).toThrow(/4 x 2 pixels; at most 7/);
  });
});
