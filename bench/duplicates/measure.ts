import { hammingDistance } from '../../src/domain/hamming-distance.ts';
import type { Pixels } from '../../src/domain/pixels.ts';
import { decodeUpright } from '../../src/imaging/decode.ts';
import { perceptualHash } from '../../src/imaging/perceptual-hash.ts';
import { copies } from './copies.ts';
import { differenceHash } from './dhash.ts';
import { page, scene } from './scenes.ts';

interface Measured {
  /** Share of the copies of each kind that are found by their original. */
  recall: Record<string, number>;
  /** Over all copies. */
  recallOfAll: number;
  /** Of the pairs that are flagged, over originals, copies and strangers: the share that are of one picture. */
  precision: number;
  /** Pairs of different pictures that were compared. */
  differentPairs: number;
  /** Share of pairs of different pages of typed text that are flagged all the same. */
  pagesConfused: number;
}

interface Sizes {
  /** Pictures that are copied in each way. */
  originals: number;
  /** Pictures that are not. */
  strangers: number;
  pages: number;
}

type Hash = (pixels: Pixels) => Promise<bigint | undefined>;
const hashes = { pHash: perceptualHash, dHash: differenceHash } satisfies Record<string, Hash>;
type HashName = keyof typeof hashes;

interface Hashed {
  origin: number;
  copy: string | undefined;
  hash: Record<HashName, bigint | undefined>;
}

/** Makes the set by code, hashes it once by each hash, and counts what a distance of `most` bits would flag. */
export async function measure(sizes: Sizes, most: number): Promise<Record<HashName, Measured>> {
  const images: Hashed[] = [];
  for (let seed = 0; seed < sizes.originals + sizes.strangers; seed++) {
    const original = await scene(1000 + seed);
    images.push({ origin: seed, copy: undefined, hash: await hashed(original) });
    if (seed >= sizes.originals) continue;
    for (const [copy, make] of Object.entries(copies)) {
      images.push({ origin: seed, copy, hash: await hashed(await make(original)) });
    }
  }
  const pages: Hashed[] = [];
  for (let seed = 0; seed < sizes.pages; seed++) {
    pages.push({ origin: seed, copy: undefined, hash: await hashed(await page(5000 + seed)) });
  }
  return { pHash: counted(images, pages, 'pHash', most), dHash: counted(images, pages, 'dHash', most) };
}

async function hashed(bytes: Buffer): Promise<Hashed['hash']> {
  const pixels = await decodeUpright(bytes);
  return { pHash: await hashes.pHash(pixels), dHash: await hashes.dHash(pixels) };
}

function counted(
  images: readonly Hashed[],
  pages: readonly Hashed[],
  name: HashName,
  most: number,
): Measured {
  const found: Record<string, number> = {};
  const made: Record<string, number> = {};
  let [right, wrong, differentPairs] = [0, 0, 0];
  for (const [one, other] of pairs(images)) {
    const same = one.origin === other.origin;
    const flagged = near(one, other, name, most);
    if (!same) differentPairs += 1;
    if (flagged && same) right += 1;
    if (flagged && !same) wrong += 1;
    // An original stands before its copies.
    if (!same || one.copy !== undefined || other.copy === undefined) continue;
    made[other.copy] = (made[other.copy] ?? 0) + 1;
    found[other.copy] = (found[other.copy] ?? 0) + (flagged ? 1 : 0);
  }
  const sum = (counts: Record<string, number>) => Object.values(counts).reduce((all, one) => all + one, 0);
  const pagePairs = [...pairs(pages)];
  return {
    recall: Object.fromEntries(
      Object.keys(made).map((copy) => [copy, (found[copy] ?? 0) / (made[copy] ?? 1)]),
    ),
    recallOfAll: sum(found) / sum(made),
    precision: right / (right + wrong),
    differentPairs,
    pagesConfused: pagePairs.filter(([one, other]) => near(one, other, name, most)).length / pagePairs.length,
  };
}

function near(one: Hashed, other: Hashed, name: HashName, most: number): boolean {
  const [a, b] = [one.hash[name], other.hash[name]];
  return a !== undefined && b !== undefined && hammingDistance(a, b) <= most;
}

function* pairs<T>(items: readonly T[]): Generator<[T, T]> {
  for (const [index, one] of items.entries()) for (const other of items.slice(index + 1)) yield [one, other];
}
