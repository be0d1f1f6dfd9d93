import { afterEach, beforeEach, expect, type MockInstance, test, vi } from 'vitest';
import { Thumbnails } from '../../src/api/thumbnails.ts';
import { decodeUpright } from '../../src/imaging/decode.ts';
import { decodeBudget } from '../../src/imaging/decode-budget.ts';
import { decodeCost } from '../../src/imaging/decode-cost.ts';
import { imageHeader } from '../../src/imaging/image-header.ts';
import { inspectImage } from '../../src/imaging/inspect.ts';
import { pictureFacts } from '../../src/imaging/picture-facts.ts';
import { makeRendition } from '../../src/imaging/rendition.ts';
import { resizePixels } from '../../src/imaging/resize.ts';
import * as make from '../support/images.ts';

/** A process that says less than it takes is ended by its host, with all the images that it works on. */
let within: MockInstance<(typeof decodeBudget)['within']>;
beforeEach(() => {
  within = vi.spyOn(decodeBudget, 'within');
});
afterEach(() => within.mockRestore());

const limits = { maxBytes: 50_000_000, maxPixels: 100_000_000 };
/** Bytes that the work says it takes, piece by piece. */
async function taken(work: () => Promise<unknown>): Promise<number[]> {
  within.mockClear();
  await work();
  return within.mock.calls.map(([bytes]) => bytes);
}

test('what is resized takes the pixels of before and of after', async () => {
  const pixels = make.quadrants(40, 20);
  expect(await taken(() => resizePixels(pixels, 8, 6))).toEqual([40 * 20 * 3 + 8 * 6 * 3]);
});

test('what is decoded upright takes what its header says, a thumbnail of it no pixels, and the pixels are kept', async () => {
  const file = await make.orientedJpeg(6);
  const { load, turn, pixels } = (await imageHeader(file)).cost;
  expect(turn).toBeGreaterThan(0);
  expect(await taken(() => decodeUpright(file))).toEqual([load + turn + pixels]);
  expect(within.mock.calls[0]?.[2]?.(make.quadrants())).toBe(96 * 64 * 3);
  expect(await taken(() => new Thumbnails().of('1', async () => file))).toEqual([load + turn]);
});

test('a rendition takes the dearest of its pictures, and twice the ground on which several stand', async () => {
  const one = await make.sixteenBitPng();
  const { load, turn } = (await imageHeader(one)).cost;
  const seen = await inspectImage(one, limits);
  expect(await taken(() => inspectImage(one, limits))).toEqual([load + turn]);
  expect(await taken(() => makeRendition(one, seen))).toEqual([load + turn]);

  const pages = await make.tiffOfManyPages(3);
  const found = await inspectImage(pages, limits);
  const pictures = found.pictures as NonNullable<typeof found.pictures>;
  expect(pictures).toHaveLength(3);
  const costs = await Promise.all(
    pictures.map(async (picture) => {
      const cost = decodeCost(pages, picture, 'tiff', await pictureFacts(pages, picture, 'tiff'));
      return cost.load + cost.turn;
    }),
  );
  expect(await taken(() => inspectImage(pages, limits))).toEqual(costs);
  expect(await taken(() => makeRendition(pages, found))).toEqual([
    Math.max(...costs) + 2 * found.width * found.height * 3,
  ]);
});
