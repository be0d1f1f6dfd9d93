import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PermanentError } from '../../src/domain/errors.ts';
import { decodeUpright } from '../../src/imaging/decode.ts';
import { type Inspection, inspectImage } from '../../src/imaging/inspect.ts';
import { makeRendition } from '../../src/imaging/rendition.ts';
import { readTiffDirectories } from '../../src/imaging/tiff-directories.ts';
import * as make from '../support/images.ts';
import { previewPage, rgbPage, sensorPage, type TiffPage, tiffFile } from '../support/tiff.ts';

const limits = { maxBytes: 50_000_000, maxPixels: 100_000_000 };

/** What of the file is looked at, as the steps see it. */
async function looked(bytes: Buffer): Promise<Inspection & { pixels: make.Rgb }> {
  const found = await inspectImage(bytes, limits);
  const { bytes: working, width, height } = await makeRendition(bytes, found);
  expect([width, height]).toEqual([found.width, found.height]);
  return { ...found, pixels: await decodeUpright(working) };
}

async function refusal(bytes: Buffer): Promise<PermanentError> {
  const thrown = await inspectImage(bytes, limits).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(PermanentError);
  return thrown as PermanentError;
}

const grey = (width: number, height: number): make.Rgb => ({
  data: Buffer.alloc(width * height * 3, 120),
  width,
  height,
});

function expectNear(found: readonly number[], wanted: readonly number[]) {
  for (const [channel, value] of wanted.entries()) {
    expect(Math.abs((found[channel] ?? -99) - value), `${found} is near ${wanted}`).toBeLessThan(12);
  }
}

/** Corner by corner the colours of `quadrants`, in a part of the picture. */
function expectQuadrants(pixels: make.Rgb, top = 0, height = pixels.height, width = pixels.width) {
  const corners = [
    [8, top + 8],
    [width - 9, top + 8],
    [8, top + height - 9],
    [width - 9, top + height - 9],
  ] as const;
  for (const [index, [x, y]] of corners.entries()) {
    expectNear(make.pixelAt(pixels, x, y), make.QUADRANT_COLOURS[index] ?? []);
  }
}

describe('the largest picture, never a thumbnail of it', () => {
  const thumbnail = (subIfds: TiffPage[] = []) => ({ ...rgbPage(grey(80, 60), { 254: 1 }), subIfds });
  const full = rgbPage(make.quadrants(640, 480));

  test.each([
    ['in a SubIFD', tiffFile([thumbnail([full])])],
    ['in the second of two SubIFDs', tiffFile([thumbnail([rgbPage(grey(300, 200)), full])])],
    ['on the second page', tiffFile([thumbnail(), full])],
    ['on the first page, a reduced copy behind it', tiffFile([full, thumbnail()])],
    ['with a mask behind it', tiffFile([full, rgbPage(grey(640, 480), { 254: 4 })])],
  ])('%s', async (_, bytes) => {
    const { width, height, pixels, warnings } = await looked(bytes);
    expect([width, height, warnings]).toEqual([640, 480, []]);
    expectQuadrants(pixels);
  });

  test('a file of thumbnails only has its thumbnail', async () => {
    expect(await looked(tiffFile([thumbnail()]))).toMatchObject({ width: 80, height: 60, warnings: [] });
  });
});

describe('camera raw', () => {
  const preview = () => make.jpeg(make.quadrants(1024, 768));

  test.each([
    [
      'as NEF and DNG have it, in a SubIFD',
      async () => [sensorPage(4000, 3000, { 330: 0 }), previewPage(await preview())],
    ],
    [
      'as ARW has it, on the first page',
      async () => [{ ...previewPage(await preview()), subIfds: [sensorPage(4000, 3000)] }],
    ],
  ])('the preview is looked at, and the row says so: %s', async (_, pages) => {
    const { width, height, pixels, warnings } = await looked(tiffFile(await pages()));
    expect([width, height]).toEqual([1024, 768]);
    expectQuadrants(pixels);
    expect(warnings).toMatchObject([{ code: 'RawPreviewUsed' }]);
    expect(warnings[0]?.message).toMatch(/1,024 x 768 .* 4,000 x 3,000/);
  });

  test("a CR2, whose first directory is the camera's JPEG and whose last is its lossless mosaic", async () => {
    const jpeg = await preview();
    const lossless = Buffer.from(jpeg);
    lossless[lossless.indexOf(Buffer.from('ffc0', 'hex')) + 1] = 0xc3;
    const pages = [
      { ...previewPage(jpeg, { 256: 1024, 257: 768 }), interchange: false },
      { tags: { 256: 5000, 257: 3000, 258: 16, 259: 6 }, data: lossless },
    ];
    expect(await looked(tiffFile(pages, Buffer.from('CR\x02\0', 'latin1')))).toMatchObject({
      width: 1024,
      height: 768,
      warnings: [{ code: 'RawPreviewUsed' }],
    });
  });

  test.each([
    [6, 768, 1024],
    [8, 768, 1024],
    [3, 1024, 768],
  ])('held as orientation %d of the whole file says', async (orientation, width, height) => {
    const turned = await make.orientedJpeg(orientation, make.quadrants(width, height));
    // The preview itself says nothing, as in most raw files.
    const { default: sharp } = await import('sharp');
    const bare = await sharp(turned).jpeg({ quality: 95 }).toBuffer();
    const pages = [{ ...sensorPage(4000, 3000, { 274: orientation }), subIfds: [previewPage(bare)] }];
    const found = await looked(tiffFile(pages));
    expect([found.width, found.height]).toEqual([width, height]);
    expectQuadrants(found.pixels);
  });

  test('without a preview to look into it is refused, and told what to do', async () => {
    const small = await make.jpeg(make.quadrants(160, 120));
    for (const pages of [[sensorPage(4000, 3000)], [sensorPage(4000, 3000), previewPage(small)]]) {
      const error = await refusal(tiffFile(pages));
      expect([error.code, error.message]).toEqual([
        'UnsupportedImageFormat',
        expect.stringMatching(/camera raw.*save it as JPEG/),
      ]);
    }
  });
});

describe('pages', () => {
  test('all of them stand under one another, in one picture', async () => {
    const bytes = tiffFile([rgbPage(make.quadrants(400, 300)), rgbPage(make.quadrants(200, 260))]);
    const { width, height, pixels, warnings } = await looked(bytes);
    expect([width, height, warnings]).toEqual([400, 300 + 24 + 260, []]);
    expectQuadrants(pixels, 0, 300);
    expectQuadrants(pixels, 324, 260, 200);
    expectNear(make.pixelAt(pixels, 300, 450), [255, 255, 255]);
  });

  test('large ones are brought down, and those beyond the limit are counted', async () => {
    const page = rgbPage({ data: Buffer.alloc(1000 * 5000 * 3, 200), width: 1000, height: 5000 });
    const { width, height, warnings } = await looked(tiffFile([page, page, page, page, page]));
    expect([width, height]).toEqual([500, 3 * 2500 + 2 * 24]);
    expect(warnings).toMatchObject([{ code: 'PagesNotRead' }]);
    expect(warnings[0]?.message).toMatch(/has 5 pages: 3 were looked at/);
  });

  test('of very many the first 64 are looked at', async () => {
    const page = rgbPage(make.noise(8, 8));
    const found = await inspectImage(tiffFile(Array<TiffPage>(70).fill(page)), limits);
    expect(found.pictures).toHaveLength(64);
    expect([found.width, found.height]).toEqual([8, 64 * 8 + 63 * 24]);
    expect(found.warnings.map(({ message }) => message).join()).toMatch(/has 70 pages: 64 were looked at/);
    const all = await inspectImage(tiffFile(Array<TiffPage>(2).fill(page)), limits);
    expect(all.warnings.map(({ code }) => code)).not.toContain('PagesNotRead');
  });

  test('one that is of a kind that is not read, or broken, is passed over and counted', async () => {
    const lzma = { ...rgbPage(), tags: { ...rgbPage().tags, 259: 34_925 } };
    const broken = { ...rgbPage(make.noise(96, 64)), data: Buffer.alloc(100, 1) };
    const { height, warnings } = await looked(tiffFile([rgbPage(), lzma, broken, rgbPage()]));
    expect(height).toBe(64 + 24 + 64);
    expect(warnings).toMatchObject([{ code: 'PagesNotRead' }]);
    expect(warnings[0]?.message).toMatch(/has 4 pages: 2 were looked at/);
  });
});

test('what is said of one of several pages says which it is', async () => {
  const whole = rgbPage(make.noise(96, 64));
  const half = { ...whole, data: whole.data.subarray(0, whole.data.length / 2) };
  const { warnings } = await looked(tiffFile([rgbPage(), half, rgbPage()]));
  expect(warnings).toEqual([
    { code: 'ImageDamaged', message: expect.stringMatching(/^Page 2: The TIFF file is damaged/) },
  ]);
});

describe('a sound file of a kind that is not read says so, and what to do', () => {
  const changed = (tags: TiffPage['tags']) => tiffFile([rgbPage(make.quadrants(), tags)]);
  test.each([
    ['LZMA', changed({ 259: 34_925 }), /compression \(LZMA\)/],
    ['Zstandard', changed({ 259: 50_000 }), /compression \(Zstandard\)/],
    ['a number nobody knows', changed({ 259: 12_345 }), /compression \(number 12345\)/],
    ['12 bits', changed({ 258: [12, 12, 12] }), /depth \(12 bits/],
    ['tiles of planes', changed({ 284: 2, 322: 64, 323: 64 }), /layout \(tiles/],
    ['tiled old-style JPEG', changed({ 259: 6, 322: 64, 323: 64 }), /compression \(old-style JPEG\)/],
  ])('%s', async (_, bytes, says) => {
    const { code, message } = await refusal(bytes);
    expect(code).toBe('UnsupportedImageFormat');
    expect(message).toMatch(says);
    expect(message).toMatch(/Save it as PNG/);
    expect(message).not.toMatch(/corrupt|original file again/);
  });

  test('old-style JPEG with its JPEG in one piece is read', async () => {
    const page = previewPage(await make.jpeg(make.quadrants(300, 200)), { 254: 0, 256: 300, 257: 200 });
    const { pixels } = await looked(tiffFile([page]));
    expectQuadrants(pixels);
  });
});

test('directories that lead in circles, nowhere or into each other end', () => {
  const sound = tiffFile([rgbPage(), { ...rgbPage(), subIfds: [rgbPage(), rgbPage()] }]);
  expect(readTiffDirectories(sound)).toHaveLength(4);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { maxLength: 30 }),
      fc.nat(sound.length),
      (changes, length) => {
        const bytes = Buffer.from(sound.subarray(0, length));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        expect(readTiffDirectories(bytes).length).toBeLessThan(1300);
      },
    ),
    { numRuns: 500 },
  );
});
