import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PermanentError } from '../../src/domain/errors.ts';
import { decodeUpright } from '../../src/imaging/decode.ts';
import { IMAGE_FORMATS } from '../../src/imaging/format.ts';
import { type Inspection, inspectImage } from '../../src/imaging/inspect.ts';
import { makeRendition } from '../../src/imaging/rendition.ts';
import * as make from '../support/images.ts';

const limits = { maxBytes: 1_000_000, maxPixels: 1_000_000 };
/** Far above what images this small need, even when the machine is busy. */
const MOST_MS = 10_000;

/** Whatever the bytes, there is an inspection or a PermanentError, soon. */
async function outcome(bytes: Buffer): Promise<Inspection | PermanentError> {
  const started = performance.now();
  try {
    return await inspectImage(bytes, limits);
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(PermanentError);
    return thrown as PermanentError;
  } finally {
    expect(performance.now() - started).toBeLessThan(MOST_MS);
  }
}

const small = make.noise(40, 30);
const files: Record<string, () => Promise<Buffer> | Buffer> = {
  jpeg: () => make.photographWithMetadata(small),
  'progressive jpeg': () => make.jpeg(small, { progressive: true }),
  png: () => make.png(small),
  'palette png': () => make.palettePng(small),
  gif: () => make.animated('gif'),
  webp: () => make.photographWithMetadata(small, 'webp'),
  'animated webp': () => make.animated('webp'),
  tiff: () => make.tiff(small),
  'jpeg tiff': () => make.tiff(small, { compression: 'jpeg' }),
  bmp: () => make.bmp(small),
};

describe('a real file, changed at random', () => {
  test.each(Object.entries(files))('%s', async (_, encode) => {
    const whole = await encode();
    const position = fc.oneof(
      fc.integer({ min: 0, max: Math.min(200, whole.length - 1) }),
      fc.integer({ min: 0, max: whole.length - 1 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(position, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 }),
        fc.option(fc.integer({ min: 0, max: whole.length }), { freq: 4 }),
        async (changes, length) => {
          const bytes = Buffer.from(whole.subarray(0, length ?? whole.length));
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          const found = await outcome(bytes);
          if (found instanceof PermanentError) return;
          expect(found.width * found.height).toBeLessThanOrEqual(limits.maxPixels);
          // What admission lets through, the steps can decode, to the size that admission recorded.
          const rendition = found.rendition && (await makeRendition(bytes, found));
          const size = rendition ?? found;
          const pixels = await decodeUpright(rendition?.bytes ?? bytes, size);
          expect([pixels.width, pixels.height]).toEqual([size.width, size.height]);
          expect(pixels.data.length).toBe(size.width * size.height * 3);
          if (found.width <= 10_000 && found.height <= 10_000) {
            expect([size.width, size.height]).toEqual([found.width, found.height]);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

test('any bytes at all, with and without a magic number in front', async () => {
  const magic = fc.constantFrom(
    '',
    'ffd8ff',
    '89504e470d0a1a0a',
    '474946383961',
    '424d',
    '52494646ffffffff57454250',
    '49492a00',
    '4d4d002a',
    '0000001866747970',
    '3c737667',
  );
  await fc.assert(
    fc.asyncProperty(magic, fc.uint8Array({ maxLength: 300 }), async (start, rest) => {
      await outcome(Buffer.concat([Buffer.from(start, 'hex'), rest]));
    }),
    { numRuns: 500 },
  );
});

test('refusals never quote the file', async () => {
  const secret = 'Anna Example, 12 Side Street';
  for (const bytes of [
    Buffer.from(secret),
    Buffer.from(`<html>${secret}</html>`),
    Buffer.from(`BM${secret}`),
  ]) {
    const found = await outcome(bytes);
    expect(found).toBeInstanceOf(PermanentError);
    expect((found as PermanentError).message).not.toContain('Example');
  }
});

test('every accepted format is among the mutated ones', () => {
  const covered = Object.keys(files).map((name) => name.split(' ').at(-1));
  expect(Object.keys(IMAGE_FORMATS).filter((format) => !covered.includes(format))).toEqual([]);
});
