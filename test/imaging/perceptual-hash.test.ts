import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hammingDistance } from '../../src/domain/hamming-distance.ts';
import { decodeUpright } from '../../src/imaging/decode.ts';
import { perceptualHash } from '../../src/imaging/perceptual-hash.ts';
import { resizePixels } from '../../src/imaging/resize.ts';
import { jpeg, noise, orientedJpeg, quadrants } from '../support/images.ts';

const hashOf = async (bytes: Buffer) => perceptualHash(await decodeUpright(bytes));

describe('the perceptual hash', () => {
  test('is the same for the same picture however it is stored', async () => {
    const upright = await hashOf(await orientedJpeg(1, noise(96, 64)));
    for (let orientation = 2; orientation <= 8; orientation++) {
      const turned = await hashOf(await orientedJpeg(orientation, noise(96, 64)));
      expect(hammingDistance(upright ?? 0n, turned ?? 0n)).toBeLessThanOrEqual(6);
    }
  });

  test('sets half of its bits: they are told by their median', async () => {
    for (const seed of [1, 2, 3]) {
      expect(hammingDistance((await hashOf(await jpeg(noise(128, 128, seed)))) ?? 0n, 0n)).toBe(32);
    }
  });

  test('does not change with brightness, and is none for a plain image', async () => {
    const { data, width, height } = noise(96, 96);
    const darker = { data: data.map((value) => value / 2) as Buffer, width, height };
    const [one, other] = await Promise.all([perceptualHash({ data, width, height }), perceptualHash(darker)]);
    expect(hammingDistance(one ?? 0n, other ?? 0n)).toBeLessThanOrEqual(8);
    expect(await perceptualHash({ data: Buffer.alloc(300, 77), width: 10, height: 10 })).toBeUndefined();
  });
});

/** A grey picture of the size that is transformed, so that nothing is resized. */
const greyOf = (levels: readonly number[]) => ({
  data: Buffer.from(levels.flatMap((level) => [level, level, level])),
  width: 32,
  height: 32,
});

test('a bit is set where a frequency is above the median, by the definition of the transform', async () => {
  for (const seed of [1, 2, 3]) {
    const { data } = noise(32, 32, seed);
    const levels = Array.from({ length: 1024 }, (_, at) => data[at * 3] as number);
    const cosine = (k: number, x: number) => Math.cos(((2 * x + 1) * k * Math.PI) / 64);
    const frequency = (v: number, u: number) =>
      levels.reduce((sum, level, at) => sum + level * cosine(u, at % 32) * cosine(v, Math.floor(at / 32)), 0);
    const all = Array.from({ length: 64 }, (_, at) => frequency(Math.floor(at / 8) + 1, (at % 8) + 1));
    const sorted = [...all].sort((a, b) => a - b);
    const median = ((sorted[31] as number) + (sorted[32] as number)) / 2;
    const bits = all.map((value) => (value > median ? '1' : '0')).join('');
    expect(await perceptualHash(greyOf(levels))).toBe(BigInt(`0b${bits}`));
  }
});

test('a picture is plain where its levels differ by less than three', async () => {
  const halves = (low: number, high: number) =>
    greyOf(Array.from({ length: 1024 }, (_, at) => (at % 32 < 11 || at < 512 ? low : high)));
  const deviation = (low: number, high: number) => {
    const share = (21 * 16) / 1024;
    return (high - low) * Math.sqrt(share * (1 - share));
  };
  expect(deviation(100, 107)).toBeGreaterThan(3);
  expect(deviation(100, 106)).toBeLessThan(3);
  expect(await perceptualHash(halves(100, 107))).toBeDefined();
  expect(await perceptualHash(halves(100, 106))).toBeUndefined();
});

test('the distance is the number of bits that differ', () => {
  const naive = (a: bigint, b: bigint) => [...(a ^ b).toString(2)].filter((bit) => bit === '1').length;
  const hash = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  fc.assert(
    fc.property(hash, hash, (a, b) => hammingDistance(a, b) === naive(a, b)),
    { numRuns: 1000 },
  );
  expect(hammingDistance(2n ** 64n - 1n, 0n)).toBe(64);
});

test('resizing gives three bytes a pixel, or one in grey', async () => {
  const image = quadrants(40, 20);
  expect(await resizePixels(image, 8, 6)).toHaveLength(144);
  const grey = await resizePixels(image, 8, 6, { grey: true });
  expect(grey).toHaveLength(48);
  // The luma of red, which sRGB has at 54, and of yellow, which is nearly white.
  expect(grey[0]).toBeGreaterThan(40);
  expect(grey[47]).toBeGreaterThan(200);
});
