import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { decodeUpright } from '../../src/imaging/decode.ts';
import { isSrgbProfile } from '../../src/imaging/srgb-profile.ts';
import * as make from '../support/images.ts';

const tagged = (profile: string) =>
  sharp(make.noise(32, 32).data, { raw: { width: 32, height: 32, channels: 3 } })
    .png()
    .withIccProfile(profile)
    .toBuffer();
const profileOf = async (file: Buffer) => (await sharp(file).metadata()).icc as Buffer;

const fixed = (...values: number[]) => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeInt32BE(Math.round(value * 65_536), 4 * index);
  return bytes;
};
const kind = (name: string) => Buffer.concat([Buffer.from(name, 'latin1'), Buffer.alloc(4)]);
const count = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const toLinear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
/** A curve as profiles of the nineties have it: a table. */
function table(entries: number, curve: (value: number) => number): Buffer {
  const values = Buffer.alloc(2 * entries);
  for (let index = 0; index < entries; index += 1)
    values.writeUInt16BE(Math.round(curve(index / (entries - 1)) * 65_535), 2 * index);
  return Buffer.concat([kind('curv'), count(entries), values]);
}
const para = (type: number, ...values: number[]) =>
  Buffer.concat([kind('para'), Buffer.from([0, type, 0, 0]), fixed(...values)]);
const SRGB = para(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045);
const xyz = (...values: number[]) => Buffer.concat([kind('XYZ '), fixed(...values)]);

/** A profile of these tags, in their order. */
function profile(more: Record<string, Buffer> = {}, space = 'RGB ', connection = 'XYZ '): Buffer {
  const tags: Record<string, Buffer> = {
    ...{
      rXYZ: xyz(0.43607, 0.22249, 0.01392),
      gXYZ: xyz(0.38515, 0.71687, 0.09708),
      bXYZ: xyz(0.14307, 0.06061, 0.7141),
    },
    ...{ rTRC: SRGB, gTRC: SRGB, bTRC: SRGB },
    ...more,
  };
  const header = Buffer.alloc(128);
  header.write(space, 16, 'latin1');
  header.write(connection, 20, 'latin1');
  const names = Object.keys(tags);
  const entries: Buffer[] = [];
  let at = 132 + 12 * names.length;
  for (const [name, tag] of Object.entries(tags)) {
    entries.push(Buffer.concat([Buffer.from(name, 'latin1'), count(at), count(tag.length)]));
    at += tag.length;
  }
  return Buffer.concat([header, count(names.length), ...entries, ...Object.values(tags)]);
}
const curves = (curve: Buffer) => ({ rTRC: curve, gTRC: curve, bTRC: curve });

test('the profiles that libvips brings: sRGB is, Display P3 and that of print are not', async () => {
  expect(isSrgbProfile(await profileOf(await tagged('srgb')))).toBe(true);
  expect(isSrgbProfile(await profileOf(await tagged('p3')))).toBe(false);
  const print = sharp(await make.png())
    .toColourspace('cmyk')
    .jpeg()
    .withIccProfile('cmyk');
  expect(isSrgbProfile(await profileOf(await print.toBuffer()))).toBe(false);
});

test.each<[string, boolean, Buffer]>([
  ['the function of sRGB', true, profile()],
  ['a table of 1,024 values', true, profile(curves(table(1024, toLinear)))],
  ['a table of 4,096 values', true, profile(curves(table(4096, toLinear)))],
  ['a table of 5 values, which is too coarse', false, profile(curves(table(5, toLinear)))],
  [
    'a straight line in the dark',
    false,
    profile(curves(para(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 4, 0.04045))),
  ],
  ['an exponent of 2.2', false, profile(curves(table(1024, (value) => value ** 2.2)))],
  ['one exponent', false, profile(curves(Buffer.concat([kind('curv'), count(1), Buffer.from([2, 0x33])])))],
  ['the identity', false, profile(curves(Buffer.concat([kind('curv'), count(0)])))],
  ['another function', false, profile(curves(para(0, 2.2)))],
  [
    'another exponent in its function',
    false,
    profile(curves(para(3, 2.2, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))),
  ],
  ['one curve that differs', false, profile({ bTRC: para(0, 1) })],
  ['a curve of another kind', false, profile(curves(Buffer.concat([kind('parf'), SRGB.subarray(8)])))],
  ['the red of Adobe', false, profile({ rXYZ: xyz(0.60974, 0.31111, 0.01947) })],
  ['no blue', false, profile({ bXYZ: xyz(0, 0, 0) })],
  ['tables beside', false, profile({ A2B0: kind('mft2') })],
  ['another space', false, profile({}, 'CMYK')],
  ['another connection', false, profile({}, 'RGB ', 'Lab ')],
])('a profile with %s', (_, expected, bytes) => {
  expect(isSrgbProfile(bytes)).toBe(expected);
});

test('a profile that breaks off is not, and no bytes make it fall', () => {
  const whole = profile();
  for (let length = 0; length < whole.length; length += 1)
    expect(isSrgbProfile(whole.subarray(0, length)), String(length)).toBe(false);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(whole.length), (bytes, cut) => {
      expect(typeof isSrgbProfile(Buffer.concat([whole.subarray(0, cut), bytes]))).toBe('boolean');
    }),
  );
});

test('a picture with the profile of sRGB has the colours of one without', async () => {
  const { data } = await decodeUpright(await tagged('srgb'));
  expect(data.equals(make.noise(32, 32).data)).toBe(true);
});
