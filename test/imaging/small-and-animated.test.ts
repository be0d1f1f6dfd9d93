import { describe, expect, test } from 'vitest';
import { decodeUpright } from '../../src/imaging/decode.ts';
import { decodeBudget } from '../../src/imaging/decode-budget.ts';
import { pictureFrame } from '../../src/imaging/frames.ts';
import { inspectImage } from '../../src/imaging/inspect.ts';
import { makeRendition } from '../../src/imaging/rendition.ts';
import * as make from '../support/images.ts';

const limits = { maxBytes: 50_000_000, maxPixels: 100_000_000 };
const inspect = (bytes: Buffer) => inspectImage(bytes, limits);

describe('small pictures stand on a ground that the services take', () => {
  test.each([
    ['1 x 1', make.png(make.noise(1, 1)), 1, 1],
    ['50 x 50', make.jpeg(make.noise(50, 50)), 50, 50],
    ['3 x 2 WebP', make.webp(make.noise(3, 2)), 3, 2],
    ['49 x 400 TIFF', make.tiff(make.noise(49, 400)), 49, 400],
  ])('%s', async (_, encoded, width, height) => {
    const bytes = await encoded;
    const found = await inspect(bytes);
    expect(found.warnings).toMatchObject([{ code: 'ImageSmall' }]);
    const made = await makeRendition(bytes, found);
    expect([made.width, made.height]).toEqual([width, height]);
    const working = await decodeUpright(made.bytes);
    expect([working.width, working.height]).toEqual([width, height].map((side) => (side > 50 ? side : 64)));
    expect(made.bytes.length).toBeGreaterThanOrEqual(1024);
    // At the top left: a coordinate is the same on the ground as in the picture, and the rest is white.
    const original = await decodeUpright(bytes);
    const [x, y] = [Math.floor(width / 2), Math.floor(height / 2)];
    for (const [channel, value] of make.pixelAt(working, x, y).entries()) {
      expect(Math.abs(value - (make.pixelAt(original, x, y)[channel] ?? 0))).toBeLessThan(40);
    }
    expect(make.pixelAt(working, working.width - 1, working.height - 1)).toEqual(
      working.width > width && working.height > height ? [255, 255, 255] : expect.anything(),
    );
    // The steps see the picture alone.
    const seen = await decodeUpright(made.bytes, made);
    expect([seen.width, seen.height, seen.data.length]).toEqual([width, height, width * height * 3]);
    expect(make.pixelAt(seen, x, y)).toEqual(make.pixelAt(working, x, y));
  });

  test('one of next to no bytes is filled up to the least that is taken, by one marker', async () => {
    const bytes = await make.png(make.noise(1, 1));
    const made = await makeRendition(bytes, await inspect(bytes));
    expect(made.bytes.length).toBe(1024 + 4);
  });

  test('a large picture of less than 1 kB keeps its size, and its rendition is large enough', async () => {
    const bytes = await make.tiff(make.blank(200, 120));
    const found = await inspect(bytes);
    const made = await makeRendition(bytes, found);
    expect([found.warnings, made.width, made.height]).toEqual([[], 200, 120]);
    expect(made.bytes.length).toBeGreaterThanOrEqual(1024);
    expect(await inspect(made.bytes)).not.toHaveProperty('rendition');
  });
});

describe('animations', () => {
  test.each(['gif', 'webp'] as const)('%s: a blank first frame is not the picture', async (format) => {
    const frames = [make.blank(), make.blank(96, 64, 0), make.quadrants(), make.noise(96, 64)];
    const bytes = await make.animation(format, frames);
    const found = await inspect(bytes);
    expect(found.warnings).toMatchObject([{ code: 'FramesNotRead' }]);
    expect(found.warnings[0]?.message).toMatch(/of 4 frames: only number 3/);
    const { data, width } = await decodeUpright((await makeRendition(bytes, found)).bytes);
    for (const [channel, value] of [255, 0, 0].entries()) {
      expect(Math.abs((data[(10 * width + 10) * 3 + channel] ?? -99) - value)).toBeLessThan(30);
    }
  });

  test('the first is the picture where it shows something, and where none does', async () => {
    for (const frames of [
      [make.quadrants(), make.noise(96, 64)],
      [make.blank(), make.blank(96, 64, 90)],
    ]) {
      const found = await inspect(await make.animation('gif', frames));
      expect(found.pictures).toEqual([{}]);
      expect(found.warnings[0]?.message).toMatch(/of 2 frames: only the first/);
    }
  });
});

describe('texts beside the image of a PNG', () => {
  const plain = (n: number) => ({
    type: 'iTXt',
    content: Buffer.concat([Buffer.from(`key${n}\0\0\0\0\0`), Buffer.from('an uncompressed text')]),
  });
  test('uncompressed ones cost next to nothing, however many', async () => {
    const bytes = await make.pngWithChunks(Array.from({ length: 300 }, (_, n) => plain(n)));
    expect(await inspect(bytes)).toMatchObject({ format: 'png', warnings: [] });
  });
});

test('a frame is more than blank by a difference of 24 in any channel, and is found up to the thirtieth', async () => {
  const frame = (channel: number, difference: number): make.Rgb => {
    const data = Buffer.alloc(16 * 16 * 3, 100);
    data[(5 * 16 + 7) * 3 + channel] = 100 + difference;
    return { data, width: 16, height: 16 };
  };
  const chosen = async (...frames: make.Rgb[]) => {
    const bytes = await make.animation('webp', frames);
    return decodeBudget.within(1, () => pictureFrame(bytes, frames.length, 1e6));
  };
  const blank = make.blank(16, 16, 100);
  // The encoder makes one frame of two that are the same.
  const other = make.blank(16, 16, 110);
  for (const channel of [0, 1, 2]) {
    expect(await chosen(blank, frame(channel, 24))).toBe(1);
    expect(await chosen(blank, frame(channel, 23), frame(channel, 25))).toBe(2);
  }
  expect(await chosen(blank, other, blank), 'none has anything').toBe(0);
  const bytes = await make.animation('webp', [blank, other, frame(0, 99)]);
  const upTo = (frames: number) => decodeBudget.within(1, () => pictureFrame(bytes, frames, 1e6));
  expect([await upTo(2), await upTo(3)]).toEqual([0, 2]);
});
