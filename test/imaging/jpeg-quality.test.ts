import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { jpegQuality } from '../../src/imaging/jpeg-quality.ts';
import * as make from '../support/images.ts';

test('is what the encoder was asked for, whatever stands before the table', async () => {
  for (const quality of [30, 50, 51, 75, 85, 92, 94, 95, 97, 98, 99, 100]) {
    const bytes = await make.jpeg(make.noise(32, 32), { quality });
    expect(Math.abs((jpegQuality(bytes) ?? 0) - quality), String(quality)).toBeLessThanOrEqual(1);
  }
  expect(jpegQuality(await make.photographWithMetadata())).toBeGreaterThan(70);
  const filled = await make.jpeg(make.noise(32, 32), { quality: 85 });
  const fill = Buffer.concat([filled.subarray(0, 2), Buffer.from([0xff, 0xff]), filled.subarray(2)]);
  expect(jpegQuality(fill)).toBe(85);
});

test('a table of sixteen bits counts as one of eight', async () => {
  const bytes = await make.jpeg(make.noise(32, 32), { quality: 75 });
  const at = bytes.indexOf(Buffer.from([0xff, 0xdb]));
  const table = bytes.subarray(at + 5, at + 5 + 64);
  const wide = Buffer.alloc(128);
  for (const [index, value] of table.entries()) wide.writeUInt16BE(value, 2 * index);
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xdb, 0, 2 + 1 + 128, 0x10]);
  expect(jpegQuality(Buffer.concat([head, wide]))).toBe(jpegQuality(bytes));
  expect(jpegQuality(Buffer.concat([head, wide.subarray(1)]))).toBeUndefined();
});

test('of what is no JPEG, or has no table before its first scan, there is none', async () => {
  for (const bytes of [await make.png(), await make.gif(), Buffer.alloc(0), Buffer.from([0xff, 0xd8, 0xff])])
    expect(jpegQuality(bytes)).toBeUndefined();
  expect(jpegQuality(Buffer.from([0xff, 0xd8, 0xff, 0xda, 0, 2, 0, 0]))).toBeUndefined();
});

test('no bytes make it fall, or go on for ever', async () => {
  const jpeg = await sharp(await make.png())
    .jpeg()
    .toBuffer();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(jpeg.length), (bytes, cut) => {
      for (const one of [Buffer.from(bytes), Buffer.concat([jpeg.subarray(0, cut), bytes])]) {
        const quality = jpegQuality(one);
        expect(quality === undefined || (quality >= 1 && quality <= 100)).toBe(true);
      }
    }),
  );
});
