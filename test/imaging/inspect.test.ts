import { describe, expect, test } from 'vitest';
import { PermanentError } from '../../src/domain/errors.ts';
import { inspectImage } from '../../src/imaging/inspect.ts';
import * as make from '../support/images.ts';

const limits = { maxBytes: 50_000_000, maxPixels: 100_000_000 };
const inspect = (bytes: Buffer) => inspectImage(bytes, limits);

async function refusal(bytes: Buffer, given = limits): Promise<PermanentError> {
  const thrown = await inspectImage(bytes, given).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(PermanentError);
  return thrown as PermanentError;
}

describe('what is accepted', () => {
  test.each([
    ['jpeg', make.jpeg, 'image/jpeg'],
    ['png', make.png, 'image/png'],
    ['gif', make.gif, 'image/gif'],
    ['bmp', make.bmp, 'image/bmp'],
    ['webp', make.webp, 'image/webp'],
    ['tiff', make.tiff, 'image/tiff'],
  ] as const)('%s is recognised by its content', async (format, encode, contentType) => {
    const bytes = await encode(make.quadrants(96, 64));
    expect(await inspect(bytes)).toMatchObject({
      accepted: true,
      format,
      contentType,
      size: bytes.length,
      width: 96,
      height: 64,
      orientation: 1,
      pages: 1,
    });
  });

  test.each([
    ['jpeg', () => make.jpeg(make.noise(96, 64))],
    ['png', () => make.png(make.noise(96, 64))],
    ['gif', () => make.gif(make.noise(96, 64))],
    ['bmp', async () => make.bmp(make.noise(96, 64))],
    ['greyscale jpeg', () => make.greyscaleJpeg(make.noise(96, 64))],
    ['palette png', () => make.palettePng(make.noise(96, 64))],
    ['progressive jpeg', () => make.jpeg(make.noise(96, 64), { progressive: true })],
    ['animated gif', () => make.animation('gif', [make.noise(96, 64), make.noise(96, 64, 2)])],
    ['jpeg of 51 x 51', () => make.jpeg(make.noise(51, 51))],
  ])('%s is sent to the services as it is', async (_, encode) => {
    expect(await inspect(await encode())).not.toHaveProperty('rendition');
  });

  test.each([
    ['webp', make.webp, 'format'],
    ['tiff', make.tiff, 'format'],
    ['cmyk jpeg', make.cmykJpeg, 'colour'],
    ['16-bit png', make.sixteenBitPng, 'depth'],
    ['4 MB', () => make.png(make.noise(1300, 1300), { compressionLevel: 0 }), 'bytes'],
    ['10,001 pixels wide', () => make.png(make.quadrants(10_001, 2)), 'dimensions'],
    ['50 pixels wide', () => make.png(make.noise(50, 90)), 'small'],
    ['less than 1 kB', () => make.png(make.blank(200, 200)), 'small'],
    ['a blank first frame', () => make.animation('gif', [make.blank(), make.noise(96, 64)]), 'frame'],
    ['no end marker', async () => (await make.jpeg(make.noise(96, 64))).subarray(0, -2), 'damage'],
  ])('%s needs a rendition', async (_, encode, reason) => {
    expect((await inspect(await encode())).rendition).toEqual({ reason });
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('orientation %d gives the upright size', async (orientation) => {
    const found = await inspect(await make.orientedJpeg(orientation, make.noise(96, 64)));
    expect(found).toMatchObject({ width: 96, height: 64, orientation });
    expect(found.rendition?.reason).toBe(orientation === 1 ? undefined : 'orientation');
  });

  test.each([0, 9, 300])('an orientation that is none, such as %d, turns nothing', async (orientation) => {
    const stored = await make.orientedJpeg(6, make.noise(96, 64));
    // Tag 0x0112, a SHORT: little-endian, as the encoder writes it.
    const at = stored.indexOf(Buffer.from('120103000100000006', 'hex'));
    expect(at).toBeGreaterThan(0);
    stored.writeUInt16LE(orientation, at + 8);
    const found = await inspect(stored);
    expect(found).toMatchObject({ width: 64, height: 96, orientation: 1 });
    expect(found).not.toHaveProperty('rendition');
  });

  test.each(['gif', 'webp'] as const)('an animated %s is its first frame', async (format) => {
    expect(await inspect(await make.animated(format, 3, 40, 30))).toMatchObject({
      width: 40,
      height: 30,
      pages: 3,
    });
  });

  test.each([
    ['WebP', () => make.webpOfManyFrames(1000), 1000],
    ['TIFF', () => make.tiffOfManyPages(200), 200],
    ['PNG with many small texts', () => make.pngTextBomb(3000, 1000), 1],
    ['PNG with a few large texts', () => make.pngTextBomb(8, 7_000_000), 1],
  ])('a %s with much in it, but not too much', async (_, encode, pages) => {
    expect(await inspect(await encode())).toMatchObject({ pages });
  });

  test('bytes after the end of a JPEG do no harm', async () => {
    expect(await inspect(make.withTrailingBytes(await make.jpeg()))).toMatchObject({ format: 'jpeg' });
  });
});

describe('what is refused', () => {
  test.each(Object.entries(make.REFUSED))('%s', async (_, { code, bytes, says }) => {
    const error = await refusal(bytes);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(says);
  });

  test('a file over the cap, before it is looked at', async () => {
    const error = await refusal(Buffer.alloc(2001), { ...limits, maxBytes: 2000 });
    expect(error.code).toBe('ImageTooManyBytes');
    expect(error.message).toContain('2,001');
  });

  test.each([
    ['PNG', () => make.png(make.noise(96, 64))],
    ['BMP', async () => make.bmp(make.noise(96, 64))],
    ['TIFF', () => make.tiff(make.noise(96, 64))],
  ])('a %s of a byte or a pixel more than is taken, and none that fits', async (_, encode) => {
    const bytes = await encode();
    const fits = { maxBytes: bytes.length, maxPixels: 96 * 64 };
    expect(await inspectImage(bytes, fits)).toMatchObject({ width: 96, height: 64 });
    expect((await refusal(bytes, { ...fits, maxBytes: bytes.length - 1 })).code).toBe('ImageTooManyBytes');
    const { code, message } = await refusal(bytes, { ...fits, maxPixels: 96 * 64 - 1 });
    expect(code).toBe('ImageTooManyPixels');
    expect(message).toMatch(/96 x 64 pixels; at most 6,143/);
  });

  test('a PNG that would unpack to 30,000 x 30,000 pixels, from its header', async () => {
    const error = await refusal(make.pngBomb());
    expect(error.code).toBe('ImageTooManyPixels');
    expect(error.message).toContain('30,000 x 30,000');
  });

  test('a PNG whose header promises more than its data holds', async () => {
    expect((await refusal(make.pngBomb(3000, 3000))).code).toBe('BrokenImage');
  });

  test.each([
    ['a small PNG whose texts unpack to gigabytes', make.pngTextBomb, 'ImageTooMuchMetadata'],
    ['a WebP of 1,001 frames', () => make.webpOfManyFrames(1001), 'ImageTooManyPages'],
    ['a WebP of 300,000 frames', () => make.webpOfManyFrames(300_000), 'ImageTooManyPages'],
    ['a TIFF of 1,001 pages', () => make.tiffOfManyPages(1001), 'ImageTooManyPages'],
    ['a TIFF of 200,000 pages', () => make.tiffOfManyPages(200_000), 'ImageTooManyPages'],
  ])('%s, without asking a decoder', async (_, encode, code) => {
    const bytes = await encode();
    const started = performance.now();
    expect((await refusal(bytes)).code).toBe(code);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test('a BMP over the pixel cap, from its header', async () => {
    expect((await refusal(make.bmp(), { ...limits, maxPixels: 6000 })).code).toBe('ImageTooManyPixels');
  });

  const image = make.noise(200, 160);
  test.each([
    ['GIF', () => make.gif(image), 0.005],
    ['lossy WebP', () => make.webp(image), 0.9],
    ['lossless WebP', () => make.webp(image, { lossless: true }), 0.9],
    ['BMP', async () => make.bmp(image), 0.9],
    ['JPEG', () => make.jpeg(image), 0.005],
    ['PNG', () => make.png(image), 0.01],
  ])('a %s that breaks off before there is anything to see', async (_, encode, fraction) => {
    expect((await refusal(make.truncated(await encode(), fraction))).code).toBe('BrokenImage');
  });
});
