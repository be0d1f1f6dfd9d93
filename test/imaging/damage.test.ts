import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PermanentError } from '../../src/domain/errors.ts';
import { salvage } from '../../src/imaging/damage.ts';
import { decodeUpright } from '../../src/imaging/decode.ts';
import { decodeBudget } from '../../src/imaging/decode-budget.ts';
import { inspectImage } from '../../src/imaging/inspect.ts';
import { makeRendition } from '../../src/imaging/rendition.ts';
import * as make from '../support/images.ts';

const limits = { maxBytes: 50_000_000, maxPixels: 100_000_000 };
const image = make.noise(200, 160);

/** What the steps see of a file, or undefined where it is refused as broken. */
async function seen(bytes: Buffer) {
  try {
    const found = await inspectImage(bytes, limits);
    const working = found.rendition ? (await makeRendition(bytes, found)).bytes : bytes;
    return { found, pixels: await decodeUpright(working, found) };
  } catch (error) {
    expect(error).toBeInstanceOf(PermanentError);
    expect((error as PermanentError).code).toBe('BrokenImage');
    return undefined;
  }
}

/** Rows from the top that are what the sound file shows. */
function soundRows(pixels: make.Rgb, whole: make.Rgb): number {
  for (let y = 0; y < whole.height; y++) {
    let difference = 0;
    for (let x = 0; x < whole.width * 3; x++) {
      const at = y * whole.width * 3 + x;
      difference += Math.abs((pixels.data[at] ?? 0) - (whole.data[at] ?? 0));
    }
    if (difference / (whole.width * 3) > 40) return y;
  }
  return whole.height;
}

test('a JPEG that lacks only its end marker is looked at whole, and the row says that it is damaged', async () => {
  const whole = await make.jpeg(image);
  const { found, pixels } = (await seen(whole.subarray(0, -2))) ?? {};
  expect(found?.warnings).toMatchObject([{ code: 'ImageDamaged' }]);
  expect(found?.warnings[0]?.message).toMatch(/decoded to its last row/);
  expect(soundRows(pixels as make.Rgb, await decodeUpright(whole))).toBe(160);
});

test.each([
  [173, 131],
  [720, 961],
  [400, 607],
])(
  'a JPEG of %i x %i that breaks off within its last rows is known to be damaged, whatever its size',
  async (width, height) => {
    for (const subsampling of ['4:2:0', '4:4:4'] as const) {
      const whole = await make.jpeg(make.noise(width, height), { chromaSubsampling: subsampling });
      // What lacks less than its end may have all of its pixels.
      for (const cut of [1, 2]) expect(await seen(whole.subarray(0, -cut)), `${subsampling}`).toBeDefined();
      const { found } = (await seen(whole.subarray(0, -60))) ?? {};
      expect(found?.warnings, subsampling).toMatchObject([{ code: 'ImageDamaged' }]);
      // What stands behind its end is no damage.
      const more = Buffer.concat([whole, Buffer.alloc(500)]);
      expect((await seen(more))?.found.warnings).toEqual([]);
    }
  },
);

describe('what was cut off is used as far as it can be decoded', () => {
  test.each([
    ['JPEG', () => make.jpeg(image)],
    ['PNG', () => make.png(image)],
    ['LZW TIFF', () => make.tiff(image)],
    ['uncompressed TIFF', () => make.tiff(image, { compression: 'none' })],
    ['JPEG TIFF', () => make.tiff(image, { compression: 'jpeg' })],
  ])('%s', async (_, encode) => {
    const bytes = await encode();
    const whole = await decodeUpright(bytes);
    let some = 0;
    for (const fraction of [0.5, 0.7, 0.9, 0.98]) {
      const { found, pixels } = (await seen(make.truncated(bytes, fraction))) ?? {};
      // A TIFF has its directory at the end, or loses whole strips: then there is nothing to go by.
      if (found === undefined || pixels === undefined) continue;
      some += 1;
      expect(found.warnings).toMatchObject([{ code: 'ImageDamaged' }]);
      expect([pixels.width, pixels.height]).toEqual([200, 160]);
      const said = Number(/about (\d+) %/.exec(found.warnings[0]?.message ?? '')?.[1] ?? 100);
      const rows = soundRows(pixels, whole);
      expect(rows).toBeGreaterThan(160 * (fraction - 0.25));
      expect(Math.abs(said - (rows / 160) * 100)).toBeLessThan(20);
    }
    if (!_.includes('TIFF')) expect(some).toBe(4);
  });

  test('a progressive JPEG is blurred further down, and whole', async () => {
    const bytes = await make.jpeg(image, { progressive: true });
    const { found, pixels } = (await seen(make.truncated(bytes, 0.9))) ?? {};
    expect(found?.warnings).toMatchObject([{ code: 'ImageDamaged' }]);
    expect([pixels?.width, pixels?.height]).toEqual([200, 160]);
  });
});

test('wherever a file is cut, it is looked at with a warning or refused as broken', async () => {
  const files = await Promise.all([
    make.jpeg(image),
    make.jpeg(image, { progressive: true }),
    make.png(image),
    make.gif(image),
    make.webp(image),
    make.tiff(image),
  ]);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      fc.double({ min: 0.001, max: 0.999, noNaN: true }),
      async (file, part) => {
        const cut = make.truncated(file, part);
        fc.pre(cut.length > 100);
        const outcome = await seen(cut);
        if (!outcome) return;
        const [warning] = outcome.found.warnings;
        // What lacks less than its end has all of its pixels.
        if (warning === undefined) expect(file.length - cut.length).toBeLessThan(30);
        else expect(warning.code).toBe('ImageDamaged');
      },
    ),
    { numRuns: 120 },
  );
});

test('a sound picture warns of nothing', async () => {
  for (const bytes of [await make.jpeg(image), await make.png(image), make.bmp(image)]) {
    expect((await seen(bytes))?.found.warnings).toEqual([]);
  }
});

test('what can be seen of a picture ends where its last colour begins, whichever channel tells that', async () => {
  const half = (channel: number, difference: number, rows = 128) => {
    const data = Buffer.alloc(256 * 256 * 3, 100);
    for (let pixel = 0; pixel < rows * 256; pixel += 1) data[pixel * 3 + channel] = 100 + difference;
    return make.png({ data, width: 256, height: 256 });
  };
  const part = async (file: Promise<Buffer>) => {
    const bytes = await file;
    return decodeBudget.within(1, () => salvage(bytes, {}, 1e6));
  };
  for (const channel of [0, 1, 2]) {
    expect(await part(half(channel, 3))).toBe(0.5);
    // As much as lossy coding makes of one colour.
    expect(await part(half(channel, 2))).toBeUndefined();
  }
  expect(await part(half(0, 50, 8))).toBe(8 / 256);
  expect(await part(half(0, 50, 7)), 'less than three parts of a hundred').toBeUndefined();
});
