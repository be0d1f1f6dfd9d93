import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PermanentError } from '../../src/domain/errors.ts';
import { decodeBmp, readBmpHeader } from '../../src/imaging/bmp.ts';
import * as make from '../support/images.ts';

const MAX_PIXELS = 1_000_000;

/** An image of at most `colours` colours. */
const image = (colours: number) =>
  fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 20 })).chain(([width, height]) =>
    fc
      .tuple(
        fc.array(fc.uint8Array({ minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: colours }),
        fc.array(fc.nat(), { minLength: width * height, maxLength: width * height }),
      )
      .map(([palette, indexes]) => ({
        width,
        height,
        data: Buffer.concat(indexes.map((index) => palette[index % palette.length] ?? Buffer.alloc(3))),
      })),
  );

test.each([
  [1, 2],
  [4, 16],
  [8, 256],
  [24, 300],
  [32, 300],
] as const)('%d bits: what was encoded is decoded, either way up', (depth, colours) => {
  fc.assert(
    fc.property(
      image(colours),
      fc.boolean(),
      fc.constantFrom(16, 40, 64),
      (original, topDown, headerSize) => {
        // The short header of OS/2 has no room for the number of colours: there are as many as fit.
        fc.pre(headerSize !== 16 || depth > 8);
        const decoded = decodeBmp(make.bmp(original, { depth, topDown, headerSize }), MAX_PIXELS);
        expect([decoded.width, decoded.height]).toEqual([original.width, original.height]);
        expect(decoded.data.equals(original.data)).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

test.each([1, 4, 8, 24, 32] as const)('%d bits: cut at any length, it is an error', (depth) => {
  const whole = make.bmp(twoColours(9, 7), { depth });
  for (let length = 0; length < whole.length; length++) {
    expect(() => decodeBmp(whole.subarray(0, length), MAX_PIXELS)).toThrow(PermanentError);
  }
  expect(decodeBmp(whole, MAX_PIXELS).width).toBe(9);
});

function twoColours(width: number, height: number): make.Rgb {
  const data = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) data.fill(i % 2 === 0 ? 200 : 20, i * 3, i * 3 + 3);
  return { data, width, height };
}

test('any bytes after the magic number give pixels or a PermanentError, within bounds', () => {
  const whole = make.bmp(twoColours(9, 7), { depth: 8 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 0, max: 255 })), {
        maxLength: 12,
      }),
      (changes) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        try {
          const { data, width, height } = decodeBmp(bytes, 10_000);
          expect(data.length).toBe(width * height * 3);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(PermanentError);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

describe('variants of the header', () => {
  /** 2 x 1 pixels, 16 bits, with the masks that follow a version 1 header. */
  function bitfields(masks: number[], pixels: number[]): Buffer {
    const bytes = Buffer.alloc(66 + 4);
    make.bmp(twoColours(2, 1), { depth: 24 }).copy(bytes, 0, 0, 54);
    bytes.writeUInt32LE(66, 10);
    bytes.writeUInt16LE(16, 28);
    bytes.writeUInt32LE(3, 30);
    for (const [i, mask] of masks.entries()) bytes.writeUInt32LE(mask, 54 + i * 4);
    for (const [i, pixel] of pixels.entries()) bytes.writeUInt16LE(pixel, 66 + i * 2);
    return bytes;
  }

  test('16 bits as 5-6-5', () => {
    const decoded = decodeBmp(bitfields([0xf800, 0x07e0, 0x001f], [0xf800, 0x07ff]), MAX_PIXELS);
    expect([...decoded.data]).toEqual([255, 0, 0, 0, 255, 255]);
  });

  test('16 bits without masks as 5-5-5', () => {
    const bytes = bitfields([0, 0, 0], [0x7c00, 0x001f]);
    bytes.writeUInt32LE(0, 30);
    expect([...decodeBmp(bytes, MAX_PIXELS).data]).toEqual([255, 0, 0, 0, 0, 255]);
  });

  test('32 bits with masks in the order RGB', () => {
    const bytes = Buffer.concat([bitfields([0xff, 0xff00, 0xff0000], []), Buffer.alloc(4)]);
    bytes.writeUInt16LE(32, 28);
    bytes.set([1, 2, 3, 0, 250, 251, 252, 255], 66);
    expect([...decodeBmp(bytes, MAX_PIXELS).data]).toEqual([1, 2, 3, 250, 251, 252]);
  });

  test('the OS/2 header', () => {
    const bytes = Buffer.alloc(26 + 8);
    bytes.write('BM', 'latin1');
    bytes.writeUInt32LE(26, 10);
    bytes.writeUInt32LE(12, 14);
    bytes.writeUInt16LE(2, 18);
    bytes.writeUInt16LE(1, 20);
    bytes.writeUInt16LE(1, 22);
    bytes.writeUInt16LE(24, 24);
    bytes.set([3, 2, 1, 6, 5, 4], 26);
    expect([...decodeBmp(bytes, MAX_PIXELS).data]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('a run-length encoded one is said to be unsupported', () => {
    const bytes = make.bmp(twoColours(9, 7), { depth: 8 });
    bytes.writeUInt32LE(1, 30);
    expect(() => readBmpHeader(bytes)).toThrow(expect.objectContaining({ code: 'UnsupportedImageFormat' }));
  });

  test('a header that promises 2 billion columns is broken, and nothing is allocated', () => {
    const bytes = make.bmp(twoColours(9, 7));
    bytes.writeInt32LE(2_000_000_000, 18);
    expect(() => decodeBmp(bytes, MAX_PIXELS)).toThrow(expect.objectContaining({ code: 'BrokenImage' }));
  });

  test('more pixels than may be decoded', () => {
    expect(() => decodeBmp(make.bmp(twoColours(9, 7)), 62)).toThrow(
      expect.objectContaining({ code: 'ImageTooManyPixels' }),
    );
  });
});
