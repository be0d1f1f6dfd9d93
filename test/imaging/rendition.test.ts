import sharp from 'sharp';
import { describe, expect, test, vi } from 'vitest';
import { decodeUpright } from '../../src/imaging/decode.ts';
import { inspectImage } from '../../src/imaging/inspect.ts';
import { makeRendition } from '../../src/imaging/rendition.ts';
import * as make from '../support/images.ts';

const limits = { maxBytes: 50_000_000, maxPixels: 100_000_000 };

async function rendition(bytes: Buffer) {
  const made = await makeRendition(bytes, await inspectImage(bytes, limits));
  return { ...made, found: await inspectImage(made.bytes, limits) };
}

test.each([
  ['webp', make.webp],
  ['animated webp', () => make.animated('webp', 2, 96, 64)],
  ['tiff', make.tiff],
  ['cmyk', make.cmykJpeg],
  ['16-bit', make.sixteenBitPng],
  ['EXIF 6', () => make.orientedJpeg(6)],
  ['bmp', async () => make.bmp()],
])(
  '%s: the services can take the rendition as it is, pixel for pixel the size of the original',
  async (_, encode) => {
    const { found, contentType, width, height, bytes } = await rendition(await encode());
    expect(found).toMatchObject({ format: 'jpeg', space: 'srgb', depth: 'uchar', orientation: 1 });
    expect(found).not.toHaveProperty('rendition');
    expect([found.contentType, found.width, found.height]).toEqual([contentType, width, height]);
    expect([width, height]).toEqual([96, 64]);
    expect(bytes.length).toBeLessThan(4_000_000);
  },
);

test('it shows what the original shows, upright', async () => {
  const bytes = await make.orientedJpeg(8);
  const [before, after] = [await decodeUpright(bytes), await decodeUpright((await rendition(bytes)).bytes)];
  const difference = before.data.reduce((sum, value, i) => sum + Math.abs(value - (after.data[i] ?? 0)), 0);
  expect(difference / before.data.length).toBeLessThan(4);
});

test.each([
  ['a JPEG with a quarter of its colours', 6, '4:2:0', '4:2:0'],
  ['a JPEG with half of them', 6, '4:2:2', '4:4:4'],
  ['a JPEG with all of them', 6, '4:4:4', '4:4:4'],
])('%s has no more and no fewer turned upright', async (_, orientation, chromaSubsampling, expected) => {
  const bytes = await sharp(await make.png(make.noise(96, 64)))
    .jpeg({ chromaSubsampling: '4:2:0' })
    .withMetadata({ orientation })
    .toBuffer();
  const given =
    chromaSubsampling === '4:2:2'
      ? bytes
      : await sharp(bytes).keepMetadata().jpeg({ chromaSubsampling }).toBuffer();
  const made = await makeRendition(given, { ...(await inspectImage(given, limits)), chromaSubsampling });
  expect((await sharp(made.bytes).metadata()).chromaSubsampling).toBe(expected);
});

test('a picture of another kind, and one on a ground, has all of its colours', async () => {
  const small = await sharp(await make.png(make.noise(40, 40)))
    .jpeg()
    .toBuffer();
  for (const bytes of [await make.sixteenBitPng(), small]) {
    const made = await rendition(bytes);
    expect((await sharp(made.bytes).metadata()).chromaSubsampling).toBe('4:4:4');
  }
});

test('transparent parts are white', async () => {
  const webp = await sharp(await make.transparentPng())
    .webp({ lossless: true })
    .toBuffer();
  expect(make.pixelAt(await decodeUpright((await rendition(webp)).bytes), 2, 2)).toEqual([255, 255, 255]);
});

test('nothing of the metadata is left: no EXIF, GPS, XMP, IPTC or profile', async () => {
  const bytes = await make.photographWithMetadata(make.quadrants(), 'webp');
  for (const marker of make.METADATA_MARKERS) expect(bytes.includes(marker), marker).toBe(true);
  const made = await rendition(bytes);
  const metadata = await sharp(made.bytes).metadata();
  for (const part of ['exif', 'xmp', 'iptc', 'icc', 'orientation'] as const) {
    expect(metadata[part], part).toBeUndefined();
  }
  for (const marker of make.METADATA_MARKERS) expect(made.bytes.includes(marker), marker).toBe(false);
});

describe('too large', () => {
  test('what fits has the highest quality', async () => {
    const { bytes } = await rendition(await make.webp());
    // The first table of quantisation divides the mean of a block by 3 at quality 92, and by 5 at 85.
    const table = bytes.indexOf(Buffer.from([0xff, 0xdb]));
    expect(bytes[table + 5]).toBe(3);
  });

  test('quality gives way before pixels do', async () => {
    // 4.4 MB of noise at quality 92, less than 4 MB at 75.
    const { width, height, bytes } = await rendition(await make.png(make.noise(1500, 1500)));
    expect([width, height]).toEqual([1500, 1500]);
    expect(bytes.length).toBeLessThan(4_000_000);
  });

  const firstDivisor = (bytes: Buffer) => bytes[bytes.indexOf(Buffer.from([0xff, 0xdb])) + 5];
  const large = async (quality: number, side: number) =>
    make.jpeg(make.noise(side, side), { quality, chromaSubsampling: '4:2:0' });

  test('what a telephone puts behind a picture makes it no larger', async () => {
    const film = Buffer.concat([
      await make.jpeg(make.noise(200, 200), { quality: 92 }),
      Buffer.alloc(6_000_000),
    ]);
    expect(firstDivisor((await rendition(film)).bytes)).toBe(3);
  });

  test('a JPEG that is coded more finely than need be keeps the finest quality that fits', async () => {
    const bytes = await large(99, 1900);
    expect(bytes.length).toBeGreaterThan(4_000_000);
    const made = await rendition(bytes);
    expect([made.width, firstDivisor(made.bytes)]).toEqual([1900, 3]);
  });

  test('a JPEG that would be too large again is not coded in vain', async () => {
    const bytes = await large(92, 3000);
    expect(bytes.length).toBeGreaterThan(1.8 * 4_000_000);
    const coded = vi.spyOn(sharp.prototype, 'jpeg');
    const made = await rendition(bytes);
    const qualities = coded.mock.calls.map(([options]) => (options as { quality?: number })?.quality);
    coded.mockRestore();
    expect(qualities[0]).toBe(75);
    expect(made.bytes.length).toBeLessThan(4_000_000);
  });

  test('pixels give way when quality is not enough, and the shape stays', async () => {
    const { width, height, bytes } = await rendition(await make.png(make.noise(3200, 1600)));
    expect(bytes.length).toBeLessThan(4_000_000);
    expect(bytes.length).toBeGreaterThan(2_500_000);
    expect(width).toBeLessThan(3200);
    expect(width / height).toBeCloseTo(2, 2);
  });

  test.each([
    ['wide', 12_000, 30],
    ['tall', 3, 20_000],
  ])('%s: within 10,000 pixels a side', async (_, width, height) => {
    const made = await rendition(await make.png(make.quadrants(width, height)));
    expect(Math.max(made.width, made.height)).toBe(10_000);
    expect(Math.min(made.width, made.height)).toBe(
      Math.floor((Math.min(width, height) * 10_000) / Math.max(width, height)),
    );
  });

  test('a BMP over 4 MB', async () => {
    const bmp = make.bmp(make.quadrants(1400, 1000));
    const made = await rendition(bmp);
    expect([made.width, made.height]).toEqual([1400, 1000]);
  });
});

test('nothing is enlarged', async () => {
  const { width, height } = await rendition(await make.webp(make.quadrants(3, 2)));
  expect([width, height]).toEqual([3, 2]);
});

test('an image that breaks off is a BrokenImage', async () => {
  const bytes = make.truncated(await make.webp(make.noise(100, 100)));
  await expect(makeRendition(bytes, { width: 100, height: 100 })).rejects.toMatchObject({
    code: 'BrokenImage',
  });
});
