import sharp from 'sharp';
import { expect, test } from 'vitest';
import { pictureFacts } from '../../src/imaging/picture-facts.ts';

/** A photograph whose camera wrote this number where EXIF's orientation stands. */
async function oriented(orientation: number): Promise<Buffer> {
  const file = await sharp({ create: { width: 30, height: 20, channels: 3, background: 'red' } })
    .withMetadata({ orientation: 7 })
    .jpeg()
    .toBuffer();
  // Tag 274, a short, one of it, its value: whichever byte order the file has.
  for (const [entry, at] of [
    ['120103000100000007000000', 8],
    ['011200030000000100070000', 9],
  ] as const) {
    const found = file.indexOf(entry, 0, 'hex');
    if (found >= 0) file[found + at] = orientation;
  }
  return file;
}

test.each([
  [1, 1, 30, 20],
  [8, 8, 20, 30],
  [6, 6, 20, 30],
  [9, 1, 30, 20],
  [0, 1, 30, 20],
  [255, 1, 30, 20],
])(
  'of orientation %d, as its camera wrote it, a picture is told to have %d',
  async (written, told, width, height) => {
    const file = await oriented(written);
    expect(await pictureFacts(file, {}, 'jpeg')).toMatchObject({
      orientation: told,
      ...{ width, height },
    });
  },
);
