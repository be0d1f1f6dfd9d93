import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UndecodableImageError } from '../../../../src/local/vision/analysis.ts';
import { decodeBmp } from '../../../../src/local/vision/models/bmp.ts';
import { type BmpOptions, encodeBmp } from './support/bmp.ts';

const MAX = 10_000;
const picture = fc
  .tuple(fc.integer({ min: 1, max: 13 }), fc.integer({ min: 1, max: 13 }))
  .chain(([width, height]) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      data: fc.uint8Array({ minLength: width * height * 3, maxLength: width * height * 3 }),
    }),
  );
const options = fc.record({
  depth: fc.constantFrom<BmpOptions['depth']>(8, 24, 32),
  topDown: fc.boolean(),
});

test('what was written in any depth and row order is read back pixel by pixel', () => {
  fc.assert(
    fc.property(picture, options, (pixels, how) => {
      expect(decodeBmp(encodeBmp(pixels, how), MAX)).toEqual(pixels);
    }),
  );
});

test('a file cut off anywhere is refused, never half read', () => {
  fc.assert(
    fc.property(picture, options, fc.double({ min: 0, max: 0.999, noNaN: true }), (pixels, how, share) => {
      const whole = encodeBmp(pixels, how);
      const cut = whole.subarray(0, Math.floor(whole.length * share));
      expect(() => decodeBmp(cut, MAX)).toThrow(UndecodableImageError);
    }),
  );
});

test('any bytes after the magic number either decode to what their header says or are refused', () => {
  fc.assert(
    fc.property(picture, options, fc.nat(53), fc.nat(255), (pixels, how, at, value) => {
      const bytes = encodeBmp(pixels, how);
      bytes[at] = value;
      try {
        const read = decodeBmp(bytes, MAX);
        expect(read.data.length).toBe(read.width * read.height * 3);
      } catch (error) {
        expect(error).toBeInstanceOf(UndecodableImageError);
      }
    }),
    { numRuns: 500 },
  );
});

test('one-bit and four-bit palettes are read from the high bits down', () => {
  const header = encodeBmp({ width: 1, height: 1, data: Uint8Array.of(0, 0, 0) }, { depth: 24 }).subarray(
    0,
    54,
  );
  const make = (depth: number, row: number[]) => {
    const bytes = Buffer.concat([header, Buffer.from([0, 0, 0, 0, 255, 255, 255, 0]), Buffer.from(row)]);
    bytes.writeUInt32LE(62, 10);
    bytes.writeInt32LE(3, 18);
    bytes.writeUInt16LE(depth, 28);
    bytes.writeUInt32LE(2, 46);
    return [...decodeBmp(bytes, MAX).data].filter((_, i) => i % 3 === 0);
  };
  expect(make(1, [0b10100000, 0, 0, 0])).toEqual([255, 0, 255]);
  expect(make(4, [0x01, 0x10, 0, 0])).toEqual([0, 255, 255]);
});

test('a compressed bitmap and one larger than the cap are refused with the reason', () => {
  const bytes = encodeBmp({ width: 2, height: 2, data: new Uint8Array(12) }, { depth: 24 });
  expect(() => decodeBmp(bytes, 3)).toThrow('2 x 2');
  bytes.writeUInt32LE(1, 30);
  expect(() => decodeBmp(bytes, MAX)).toThrow('uncompressed');
});
