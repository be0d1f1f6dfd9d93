import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test, vi } from 'vitest';
import { PermanentError } from '../../src/domain/errors.ts';
import type { Rectangle } from '../../src/domain/rectangle.ts';
import { cropFaces, cropRectangle } from '../../src/imaging/crop.ts';
import { decodeUpright } from '../../src/imaging/decode.ts';
import { decodeBudget } from '../../src/imaging/decode-budget.ts';
import { wholeCost } from '../../src/imaging/decode-cost.ts';
import { imageHeader } from '../../src/imaging/image-header.ts';
import * as make from '../support/images.ts';

const pixels = make.quadrants(200, 100);
const size = { width: 200, height: 100 };

/** One face of an image that is stored without loss. */
async function cropFace(image: make.Rgb, face: Rectangle, options: { margin?: number } = {}) {
  const [crop] = await cropFaces(await make.png(image), image, [face], options);
  if (!crop) throw new Error('Nothing was cropped.');
  return crop;
}

test('defect 6 of 2017: a crop is a JPEG of exactly the rectangle, clamped to the image', async () => {
  const crop = await cropFace(pixels, { left: 100, top: 50, width: 100, height: 50 }, { margin: 0 });
  expect(crop).toMatchObject({
    contentType: 'image/jpeg',
    width: 100,
    height: 50,
    rectangle: { left: 100, top: 50, width: 100, height: 50 },
  });
  const decoded = await decodeUpright(crop.bytes);
  expect([decoded.width, decoded.height]).toEqual([100, 50]);
  const [red, green, blue] = make.pixelAt(decoded, 2, 2);
  expect([red > 245, green > 245, blue < 10]).toEqual([true, true, true]);
});

test('the same face gives the same bytes', async () => {
  const face = { left: 20.5, top: 10.25, width: 31.5, height: 40 };
  expect((await cropFace(pixels, face)).bytes.equals((await cropFace(pixels, face)).bytes)).toBe(true);
});

test('without a margin that is asked for it is three tenths; every pixel is the image’s own', async () => {
  const face = { left: 80, top: 40, width: 20, height: 10 };
  const { bytes, ...crop } = await cropFace(pixels, face);
  const rectangle = { left: 74, top: 34, width: 32, height: 22 };
  expect(crop).toEqual({ contentType: 'image/jpeg', width: 32, height: 22, rectangle });
  const decoded = await decodeUpright(bytes);
  for (const [x, y] of [
    [2, 2],
    [29, 2],
    [2, 19],
    [29, 19],
  ] as const)
    for (const [channel, value] of make.pixelAt(pixels, 74 + x, 34 + y).entries())
      expect(Math.abs((make.pixelAt(decoded, x, y)[channel] as number) - value)).toBeLessThan(25);
});

test('several faces are cut, each as if it were alone, and of the picture no more is unpacked than holds them', async () => {
  const image = make.noise(300, 200);
  const faces = [
    { left: 60, top: 40, width: 20, height: 20 },
    { left: 130, top: 90, width: 30, height: 30 },
    { left: 62, top: 44, width: 10, height: 12 },
  ];
  const file = await make.png(image);
  const kept = vi.spyOn(decodeBudget, 'within');
  const crops = await cropFaces(file, image, faces, { margin: 0 });
  const taken = kept.mock.calls.map(([bytes]) => bytes);
  kept.mockRestore();
  const picture = wholeCost({ ...(await imageHeader(file)).cost, pixels: 100 * 80 * 3 });
  expect(taken).toEqual([picture, ...faces.map(({ width, height }) => width * height * 6)]);
  expect(crops.map(({ rectangle }) => rectangle)).toEqual(faces);
  for (const [index, face] of faces.entries())
    expect(crops[index]).toEqual(await cropFace(image, face, { margin: 0 }));
  expect(await cropFaces(file, image, [])).toEqual([]);
});

test.each([
  ['JPEG', make.jpeg],
  ['progressive JPEG', (image: make.Rgb) => make.jpeg(image, { progressive: true })],
  ['interlaced PNG', (image: make.Rgb) => make.png(image, { progressive: true })],
  ['BMP', async (image: make.Rgb) => make.bmp(image)],
  ['GIF', make.gif],
])('a face of a %s is the same whether all of the picture is unpacked or its part', async (_, encode) => {
  const file = await encode(make.noise(200, 160));
  const face = { left: 71, top: 53, width: 33, height: 41 };
  const [part] = await cropFaces(file, { width: 200, height: 160 }, [face], { margin: 0 });
  const corners = [
    { left: 0, top: 0, width: 1, height: 1 },
    { left: 199, top: 159, width: 1, height: 1 },
  ];
  const whole = await cropFaces(file, { width: 200, height: 160 }, [...corners, face], { margin: 0 });
  expect(part).toEqual(whole[2]);
});

test('of a picture on a larger ground the crop has no ground', async () => {
  const file = await make.png(make.blank(64, 64));
  const [crop] = await cropFaces(file, { width: 30, height: 40 }, [
    { left: 10, top: 10, width: 15, height: 20 },
  ]);
  expect(crop?.rectangle).toEqual({ left: 4, top: 4, width: 26, height: 32 });
});

test('a crop takes six bytes of memory a pixel beside the picture', async () => {
  const image = make.quadrants(200, 100);
  const file = await make.png(image);
  const picture = wholeCost({ ...(await imageHeader(file)).cost, pixels: 30 * 20 * 6 });
  const cut = () => cropFaces(file, image, [{ left: 10, top: 10, width: 30, height: 20 }], { margin: 0 });
  try {
    decodeBudget.limit = picture;
    expect((await cut())[0]?.width).toBe(30);
    decodeBudget.limit = picture - 1;
    await expect(cut()).rejects.toMatchObject({ code: 'ImageNeedsTooMuchMemory' });
  } finally {
    decodeBudget.limit = 1_000_000_000;
  }
});

test('a crop carries no metadata', async () => {
  const face = { left: 10, top: 10, width: 30, height: 30 };
  const [crop] = await cropFaces(await make.photographWithMetadata(), make.quadrants(), [face]);
  const metadata = await sharp(crop?.bytes).metadata();
  for (const part of ['exif', 'xmp', 'iptc', 'icc'] as const) expect(metadata[part], part).toBeUndefined();
});

describe('the rectangle', () => {
  test.each([
    [
      'default margin',
      { left: 80, top: 40, width: 20, height: 10 },
      0.3,
      { left: 74, top: 34, width: 32, height: 22 },
    ],
    [
      'over the top left',
      { left: -5, top: -5, width: 10, height: 10 },
      0,
      { left: 0, top: 0, width: 5, height: 5 },
    ],
    [
      'over the lower right',
      { left: 190, top: 95, width: 50, height: 50 },
      0,
      { left: 190, top: 95, width: 10, height: 5 },
    ],
    [
      'larger than the image',
      { left: -50, top: -50, width: 900, height: 900 },
      0.3,
      { left: 0, top: 0, width: 200, height: 100 },
    ],
    [
      'fractional',
      { left: 1.2, top: 1.8, width: 2.1, height: 2.1 },
      0,
      { left: 1, top: 1, width: 3, height: 3 },
    ],
    [
      'of no size',
      { left: 50, top: 50, width: 0, height: 0 },
      0.3,
      { left: 50, top: 50, width: 1, height: 1 },
    ],
    [
      'ending at the upper edge',
      { left: 5, top: -10, width: 5, height: 10 },
      0,
      { left: 5, top: 0, width: 5, height: 1 },
    ],
    [
      'with less than no margin',
      { left: 80, top: 40, width: 20, height: 10 },
      -0.3,
      { left: 80, top: 40, width: 20, height: 10 },
    ],
    [
      'in the last pixel',
      { left: 199.5, top: 99.5, width: 0, height: 0 },
      0,
      { left: 199, top: 99, width: 1, height: 1 },
    ],
    [
      'ending at the edge',
      { left: -10, top: 5, width: 10, height: 5 },
      0,
      { left: 0, top: 5, width: 1, height: 5 },
    ],
  ])('%s', (_, face, margin, expected) => {
    expect(cropRectangle(size, face, margin)).toEqual(expected);
  });

  test.each([
    ['right of the image', { left: 200, top: 0, width: 10, height: 10 }, 'FaceOutsideImage'],
    ['below it', { left: 0, top: 100, width: 10, height: 10 }, 'FaceOutsideImage'],
    ['left of it', { left: -20, top: 0, width: 10, height: 10 }, 'FaceOutsideImage'],
    ['above it', { left: 0, top: -11, width: 10, height: 10 }, 'FaceOutsideImage'],
    ['of negative size', { left: 5, top: 5, width: -1, height: 10 }, 'InvalidFaceRectangle'],
    ['of negative height', { left: 5, top: 5, width: 10, height: -1 }, 'InvalidFaceRectangle'],
    ['not a number', { left: Number.NaN, top: 5, width: 1, height: 10 }, 'InvalidFaceRectangle'],
    ['infinite', { left: 0, top: 5, width: Number.POSITIVE_INFINITY, height: 10 }, 'InvalidFaceRectangle'],
  ])('%s is refused', (_, face, code) => {
    expect(() => cropRectangle(size, face, 0.3)).toThrow(
      expect.objectContaining({ name: 'PermanentError', code }),
    );
  });

  test('whatever comes in, what comes out is whole pixels within the image', () => {
    const number = fc.double({ min: -500, max: 500, noNaN: true });
    fc.assert(
      fc.property(
        fc.record({ left: number, top: number, width: number, height: number }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        (face, margin) => {
          try {
            const cut = cropRectangle(size, face, margin);
            expect(Object.values(cut).every(Number.isInteger)).toBe(true);
            expect(cut.left >= 0 && cut.top >= 0 && cut.width >= 1 && cut.height >= 1).toBe(true);
            expect(cut.left + cut.width <= 200 && cut.top + cut.height <= 100).toBe(true);
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(PermanentError);
          }
        },
      ),
    );
  });
});
