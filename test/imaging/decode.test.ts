import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { decodeUpright } from '../../src/imaging/decode.ts';
import * as make from '../support/images.ts';

/** Corner by corner the colours of `quadrants`, within what lossy coding and colour conversion may change. */
function expectQuadrants(pixels: make.Rgb, tolerance: number) {
  const { width, height } = pixels;
  const corners = [
    [4, 4],
    [width - 5, 4],
    [4, height - 5],
    [width - 5, height - 5],
  ] as const;
  for (const [i, [x, y]] of corners.entries()) {
    const found = make.pixelAt(pixels, x, y);
    for (const [channel, value] of (make.QUADRANT_COLOURS[i] ?? []).entries()) {
      expect(Math.abs((found[channel] ?? -1000) - value), `corner ${i} is ${found}`).toBeLessThanOrEqual(
        tolerance,
      );
    }
  }
}

describe('every accepted kind becomes 8-bit RGB', () => {
  test.each([
    ['JPEG', make.jpeg, 6],
    ['PNG', make.png, 0],
    ['palette PNG', make.palettePng, 3],
    ['16-bit PNG', make.sixteenBitPng, 2],
    ['GIF', make.gif, 3],
    ['BMP', make.bmp, 0],
    ['WebP', make.webp, 12],
    ['TIFF', make.tiff, 0],
  ] as const)('%s', async (_, encode, tolerance) => {
    const pixels = await decodeUpright(await encode(make.quadrants(96, 64)));
    expect([pixels.width, pixels.height, pixels.data.length]).toEqual([96, 64, 96 * 64 * 3]);
    expectQuadrants(pixels, tolerance);
  });

  test.each([
    ['skin', [180, 90, 90]],
    ['green', [90, 150, 90]],
    ['blue', [80, 100, 160]],
    ['paper', [240, 240, 240]],
    ['ink', [20, 20, 20]],
  ])('CMYK JPEG: %s keeps its colour, as far as a press has it', async (_, colour) => {
    const data = Buffer.concat(Array<Buffer>(32 * 32).fill(Buffer.from(colour)));
    const pixels = await decodeUpright(await make.cmykJpeg({ data, width: 32, height: 32 }));
    expect(pixels.data.length).toBe(data.length);
    const found = make.pixelAt(pixels, 9, 9);
    for (const [i, value] of colour.entries()) expect(Math.abs((found[i] ?? -1) - value)).toBeLessThan(21);
  });

  test('greyscale, 8 and 16 bits: three equal channels', async () => {
    const grey16 = await sharp(Buffer.alloc(50 * 40 * 2, 0x80), {
      raw: { width: 50, height: 40, channels: 1, depth: 'ushort' } as never,
    })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    for (const bytes of [await make.greyscaleJpeg(), grey16]) {
      const pixels = await decodeUpright(bytes);
      expect(pixels.data.length).toBe(pixels.width * pixels.height * 3);
      const [r, g, b] = make.pixelAt(pixels, 5, 5);
      expect([r, g]).toEqual([g, b]);
    }
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('EXIF orientation %d is upright', async (orientation) => {
    const pixels = await decodeUpright(await make.orientedJpeg(orientation, make.quadrants(96, 64)));
    expect([pixels.width, pixels.height]).toEqual([96, 64]);
    expectQuadrants(pixels, 6);
  });

  test('of a picture that stands on a larger ground only it is looked at, pixel by pixel', async () => {
    const noise = make.noise(20, 12);
    const bytes = await make.png(noise);
    for (const [width, height] of [
      [7, 5],
      [20, 5],
      [7, 12],
      [99, 99],
      [0, 0],
    ] as const) {
      const pixels = await decodeUpright(bytes, { width, height });
      const size = [Math.min(20, width || 20), Math.min(12, height || 12)] as const;
      expect([pixels.width, pixels.height]).toEqual(size);
      expect(pixels.data.length).toBe(size[0] * size[1] * 3);
      for (let y = 0; y < size[1]; y += 1)
        for (let x = 0; x < size[0]; x += 1)
          expect(make.pixelAt(pixels, x, y)).toEqual(make.pixelAt(noise, x, y));
    }
  });

  test('transparent parts are white', async () => {
    const pixels = await decodeUpright(await make.transparentPng(32, 16));
    expect(make.pixelAt(pixels, 2, 2)).toEqual([255, 255, 255]);
    expect(make.pixelAt(pixels, 30, 2)).toEqual([255, 0, 0]);
  });

  test.each(['gif', 'webp'] as const)('an animated %s is its first frame', async (format) => {
    const pixels = await decodeUpright(await make.animated(format, 3, 40, 30));
    expect([pixels.width, pixels.height]).toEqual([40, 30]);
    expect(make.pixelAt(pixels, 20, 15)).toEqual([255, 0, 0]);
  });

  test('an ICC profile is applied, not ignored', async () => {
    // The most saturated red of Display P3 lies outside of sRGB, a middling one within: it must come out redder.
    const data = Buffer.alloc(16 * 16 * 3);
    for (let i = 0; i < 256; i++) data.set([180, 100, 100], i * 3);
    const image = sharp(data, { raw: { width: 16, height: 16, channels: 3 } });
    const tagged = await image.png().withIccProfile('p3').toBuffer();
    expect(make.pixelAt(await decodeUpright(tagged), 8, 8)).toEqual([180, 100, 100]);
  });
});

test('the decoder keeps nothing of the pictures that it has seen', async () => {
  await decodeUpright(await make.png());
  const { memory, files, items } = sharp.cache();
  expect([memory.max, files.max, items.max]).toEqual([0, 0, 0]);
});

test.each([
  ['a part of it', { width: 20, height: 10 }, 20, 10],
  ['no more than there is', { width: 500, height: 10 }, 96, 10],
  ['all of it in one direction', { width: 20, height: 0 }, 20, 64],
  ['all of it', undefined, 96, 64],
])('what is asked for is at the top left: %s', async (_, size, width, height) => {
  const image = make.noise(96, 64);
  const pixels = await decodeUpright(await make.png(image), size);
  expect([pixels.width, pixels.height, pixels.data.length]).toEqual([width, height, width * height * 3]);
  for (const [x, y] of [
    [0, 0],
    [width - 1, 0],
    [0, height - 1],
    [width - 1, height - 1],
  ] as const)
    expect(make.pixelAt(pixels, x, y)).toEqual(make.pixelAt(image, x, y));
});

test.each([
  ['JPEG', make.jpeg],
  ['BMP', async () => make.bmp()],
])('a truncated %s is a BrokenImage', async (_, encode) => {
  await expect(decodeUpright(make.truncated(await encode()))).rejects.toMatchObject({
    name: 'PermanentError',
    code: 'BrokenImage',
  });
});
