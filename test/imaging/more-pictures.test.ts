import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inspectImage } from '../../src/imaging/inspect.ts';
import { morePictures } from '../../src/imaging/more-pictures.ts';
import * as make from '../support/images.ts';

const limits = { maxBytes: 50_000_000, maxPixels: 100_000_000 };
const messages = async (bytes: Buffer) =>
  (await inspectImage(bytes, limits)).warnings
    .filter(({ code }) => code === 'FramesNotRead')
    .map(({ message }) => message);

/** Says in front of the pixels that there are so many frames; the decoder looks at the first. */
function animated(png: Buffer, frames: number): Buffer {
  const chunk = Buffer.alloc(20);
  chunk.writeUInt32BE(8, 0);
  chunk.write('acTL', 4, 'latin1');
  chunk.writeUInt32BE(frames, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 16)), 16);
  return Buffer.concat([png.subarray(0, 33), chunk, png.subarray(33)]);
}

/** A JPEG with an index of pictures of these kinds, and the second one behind it, as 3D cameras have it. */
function multiPicture(jpeg: Buffer, kinds: readonly number[], order: 'II' | 'MM', xmp = ''): Buffer {
  const head = Buffer.alloc(8 + 2 + 12 + 4);
  const write = (value: number, at: number, size: 2 | 4) =>
    order === 'II' ? head.writeUIntLE(value, at, size) : head.writeUIntBE(value, at, size);
  head.write(order, 0, 'latin1');
  write(42, 2, 2);
  write(8, 4, 4);
  write(1, 8, 2);
  write(0xb002, 10, 2);
  write(7, 12, 2);
  write(kinds.length * 16, 14, 4);
  write(head.length, 18, 4);
  const entries = Buffer.alloc(kinds.length * 16);
  for (const [n, kind] of kinds.entries())
    if (order === 'II') entries.writeUInt32LE(kind, n * 16);
    else entries.writeUInt32BE(kind, n * 16);
  const segment = (marker: number, content: Buffer) => {
    const start = Buffer.from([0xff, marker, 0, 0]);
    start.writeUInt16BE(2 + content.length, 2);
    return Buffer.concat([start, content]);
  };
  const parts = [segment(0xe2, Buffer.concat([Buffer.from('MPF\0'), head, entries]))];
  if (xmp !== '') parts.unshift(segment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${xmp}`)));
  return Buffer.concat([jpeg.subarray(0, 2), ...parts, jpeg.subarray(2), jpeg]);
}

test('an animated PNG says that it was not looked at whole', async () => {
  const png = await make.png(make.noise(80, 60));
  expect(await messages(animated(png, 12))).toEqual([expect.stringContaining('animation of 12 frames')]);
  expect(await messages(animated(png, 1))).toEqual([]);
  expect(await messages(png)).toEqual([]);
});

test.each(['II', 'MM'] as const)(
  'pictures of a 3D camera are told of, other additions are not: %s',
  async (order) => {
    const jpeg = await make.jpeg(make.noise(80, 60));
    const of = (kinds: number[], xmp?: string) => messages(multiPicture(jpeg, kinds, order, xmp));
    expect(await of([0x020002, 0x020002])).toEqual([expect.stringContaining('2 pictures of one scene')]);
    expect(await of([0x030000, 0, 0])).toEqual([expect.stringContaining('3 pictures')]);
    // A larger thumbnail; a map of brightness.
    expect(await of([0x030000, 0x010001])).toEqual([]);
    expect(await of([0x030000, 0], '<rdf hdrgm:Version="1.0"/>')).toEqual([]);
  },
);

test('whatever stands in the index, there is an answer', async () => {
  const jpeg = multiPicture(await make.jpeg(make.noise(60, 60)), [0x020002, 0x020002, 0], 'II');
  const png = animated(await make.png(make.noise(60, 60)), 3);
  await fc.assert(
    fc.property(
      fc.nat({ max: 200 }),
      fc.integer({ min: 0, max: 255 }),
      fc.nat({ max: 400 }),
      (at, value, length) => {
        for (const [file, format] of [
          [jpeg, 'jpeg'],
          [png, 'png'],
        ] as const) {
          const changed = Buffer.from(file.subarray(0, length));
          if (at < changed.length) changed[at] = value;
          morePictures(changed, format);
        }
      },
    ),
    { numRuns: 500 },
  );
});
