import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { UndecodableImageError } from '../../../../src/local/vision/analysis.ts';
import { decodeImage, WORKING_SIDE, workingSide } from '../../../../src/local/vision/models/decode.ts';
import { bmp } from '../../../support/images.ts';
import { sample } from './support/images.ts';
import { drawSign } from './support/sign.ts';

const portrait = sample('person-a-1');

/** A picture whose four quarters differ: red, green, blue, white. */
function quarters() {
  const data = Buffer.alloc(40 * 60 * 3);
  const colours = [
    [200, 0, 0],
    [0, 200, 0],
    [0, 0, 200],
    [255, 255, 255],
  ];
  for (let y = 0; y < 60; y++) {
    for (let x = 0; x < 40; x++)
      data.set(colours[(y < 30 ? 0 : 2) + (x < 20 ? 0 : 1)] ?? [], (y * 40 + x) * 3);
  }
  return sharp(data, { raw: { width: 40, height: 60, channels: 3 } });
}

function at({ pixels }: Awaited<ReturnType<typeof decodeImage>>, x: number, y: number): number[] {
  const from = (y * pixels.width + x) * 3;
  return [...pixels.data.subarray(from, from + 3)];
}

test.each([
  ['Jpeg', () => quarters().jpeg().toBuffer()],
  ['Png', () => quarters().png().toBuffer()],
  ['Gif', () => quarters().gif().toBuffer()],
  ['Bmp', async () => bmp({ data: await quarters().raw().toBuffer(), width: 40, height: 60 })],
] as const)('%s is told by its bytes and unpacked to RGB', async (format, make) => {
  const frame = await decodeImage(await make());
  expect(frame.info).toEqual({ width: 40, height: 60, format });
  expect(frame.scale).toEqual({ x: 1, y: 1 });
  for (const [x, y, expected] of [
    [8, 10, [200, 0, 0]],
    [32, 10, [0, 200, 0]],
    [8, 50, [0, 0, 200]],
    [32, 50, [255, 255, 255]],
  ] as const) {
    const colour = at(frame, x, y);
    for (const c of [0, 1, 2]) expect(Math.abs((colour[c] ?? 0) - (expected[c] ?? 0))).toBeLessThan(12);
  }
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'EXIF orientation %i is undone, in size and in pixels',
  async (orientation) => {
    const stored = quarters();
    // The inverse of what a viewer does for each orientation; sharp mirrors before it turns, whatever the order here.
    const undo: Record<number, () => Sharp> = {
      1: () => stored,
      2: () => stored.flop(),
      3: () => stored.rotate(180),
      4: () => stored.flip(),
      5: () => stored.rotate(270).flop(),
      6: () => stored.rotate(270),
      7: () => stored.rotate(90).flop(),
      8: () => stored.rotate(90),
    };
    const turned = await undo[orientation]?.().png().toBuffer();
    const bytes = await sharp(turned).withMetadata({ orientation }).png().toBuffer();
    const frame = await decodeImage(bytes);
    expect(frame.info).toMatchObject({ width: 40, height: 60 });
    expect(at(frame, 8, 10)).toEqual([200, 0, 0]);
    expect(at(frame, 32, 10)).toEqual([0, 200, 0]);
    expect(at(frame, 8, 50)).toEqual([0, 0, 200]);
  },
);

test('transparent pixels are white', async () => {
  const clear = sharp({
    create: { width: 50, height: 50, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
  });
  expect(at(await decodeImage(await clear.png().toBuffer()), 25, 25)).toEqual([255, 255, 255]);
});

test.each([
  ['white', 'white', 0],
  ['black', 'black', 255],
  ['dark blue', '#203060', 255],
  ['cream', '#f4f0c0', 0],
])('letters in %s on a transparent ground stand on one that shows them', async (_name, ink, ground) => {
  const letters = await drawSign(['TENT'], { paper: undefined, ink, width: 400, height: 180 })
    .png()
    .toBuffer();
  expect(at(await decodeImage(letters), 5, 5)).toEqual([ground, ground, ground]);
});

test('where some letters are white and others black, the ground is the grey between', async () => {
  const white = await drawSign(['WATER'], { paper: undefined, ink: 'white' }).png().toBuffer();
  const both = await drawSign(['WATER'], { paper: undefined, top: 240 })
    .composite([{ input: white }])
    .png()
    .toBuffer();
  expect(at(await decodeImage(both), 5, 5)).toEqual([128, 128, 128]);
});

test('greyscale, grey with alpha, 16-bit and CMYK images become 8-bit sRGB of about the same colours', async () => {
  const upright = await decodeImage(portrait);
  const mean = (data: Uint8Array) => data.reduce((sum, value) => sum + value, 0) / data.length;
  const variants = {
    grey: await sharp(portrait).greyscale().png().toBuffer(),
    greyAlpha: await sharp(portrait).greyscale().ensureAlpha().png().toBuffer(),
    sixteen: await sharp(portrait).toColourspace('rgb16').png().toBuffer(),
    cmyk: await sharp(portrait).toColourspace('cmyk').jpeg().toBuffer(),
  };
  expect((await sharp(variants.sixteen).metadata()).depth).toBe('ushort');
  expect((await sharp(variants.cmyk).metadata()).space).toBe('cmyk');
  for (const bytes of Object.values(variants)) {
    const { pixels } = await decodeImage(bytes);
    expect(pixels.data.length).toBe(768 * 960 * 3);
    expect(Math.abs(mean(pixels.data) - mean(upright.pixels.data))).toBeLessThan(12);
  }
});

test('of an animated GIF the first frame counts', async () => {
  const frame = (background: string) =>
    sharp({ create: { width: 60, height: 60, channels: 3, background } })
      .png()
      .toBuffer();
  const animated = await sharp([await frame('#ff0000'), await frame('#0000ff')], { join: { animated: true } })
    .gif()
    .toBuffer();
  expect((await sharp(animated).metadata()).pages).toBe(2);
  const decoded = await decodeImage(animated);
  expect(decoded.info).toEqual({ width: 60, height: 60, format: 'Gif' });
  expect(at(decoded, 30, 30)).toEqual([255, 0, 0]);
});

test('a large image is worked on smaller, and the scale leads back to its own pixels', async () => {
  const large = sharp({ create: { width: 4000, height: 2500, channels: 3, background: '#808080' } });
  const { info, pixels, scale } = await decodeImage(await large.png().toBuffer());
  expect(info).toMatchObject({ width: 4000, height: 2500 });
  expect(pixels.width).toBe(WORKING_SIDE);
  expect(pixels.width * scale.x).toBe(4000);
  expect(pixels.height * scale.y).toBe(2500);
});

test('an image much longer than wide keeps more of its length, within the pixels of a square', () => {
  expect(workingSide(4000, 2000)).toBe(WORKING_SIDE);
  expect(workingSide(790, 5000)).toBeGreaterThan(5000);
  fc.assert(
    fc.property(fc.integer({ min: 50, max: 16_000 }), fc.integer({ min: 50, max: 16_000 }), (a, b) => {
      const long = Math.min(Math.max(a, b), workingSide(a, b));
      const short = (long * Math.min(a, b)) / Math.max(a, b);
      expect(long).toBeGreaterThanOrEqual(Math.min(Math.max(a, b), WORKING_SIDE));
      expect(long * short).toBeLessThan(WORKING_SIDE ** 2 * 1.01);
    }),
  );
});

test.each([
  ['nothing', () => Buffer.alloc(0)],
  ['text', () => Buffer.from('this is not a picture, whatever its name says')],
  ['SVG', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="90" height="90"/>')],
  ['WebP', () => sharp(portrait).webp().toBuffer()],
  ['TIFF', () => sharp(portrait).tiff().toBuffer()],
  ['a JPEG cut in half', () => portrait.subarray(0, portrait.length / 2)],
  ['a JPEG without its last kilobytes', () => portrait.subarray(0, portrait.length - 4000)],
  ['a PNG cut in half', async () => (await quarters().png().toBuffer()).subarray(0, 100)],
  [
    'a JPEG signature and noise',
    () => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(2000, 7)]),
  ],
])('%s is refused as undecodable', async (_name, make) => {
  await expect((async () => decodeImage(await make()))()).rejects.toThrow(UndecodableImageError);
});

test('a PNG that would unpack to 30,000 x 30,000 is refused from its header, before memory is taken', async () => {
  const before = process.resourceUsage().maxRSS;
  const bomb = pngHeaderOf(30_000, 30_000);
  await expect(decodeImage(bomb)).rejects.toThrow(UndecodableImageError);
  // maxRSS is in kilobytes; the pixels alone would be 2.7 GB.
  expect(process.resourceUsage().maxRSS - before).toBeLessThan(200_000);
});

/** A PNG of one colour whose header claims a size, with rows enough to look plausible. */
function pngHeaderOf(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc((width * 3 + 1) * 20))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
