/** A made-up set of images, each the same whenever it is made: image `n` follows from its number alone. */

/** A number in [0, 1) that follows from two whole numbers (xorshift-multiply, after MurmurHash3's finaliser). */
function chance(n: number, salt: number): number {
  let h = Math.imul(n ^ Math.imul(salt + 1, 0x9e3779b1), 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return (h >>> 0) / 2 ** 32;
}

/** Few are common and most are rare, as words and tags are: rank grows with the inverse of chance (Zipf, 1949). */
const zipf = (n: number, salt: number, ranks: number): number => Math.floor(ranks ** chance(n, salt)) - 1;

const TAGS = 2000;
const WORDS = 50_000;

export const idOf = (n: number): string => (n * 16).toString(16).padStart(32, '0');
export const batchOf = (n: number): string => `2026/batch ${Math.floor(chance(n, 1) * 500)}`;
export const statusOf = (n: number): string =>
  chance(n, 2) < 0.97 ? 'done' : chance(n, 3) < 0.8 ? 'partial' : 'rejected';
export const categoryOf = (n: number): string => `category ${zipf(n, 4, 80)}`;
export const facesOf = (n: number): number => (chance(n, 5) < 0.5 ? 0 : zipf(n, 6, 40) + 1);
export const tagName = (rank: number): string => `tag ${rank}`;
export const word = (rank: number): string => `w${rank.toString(36).padStart(4, '0')}`;

/** Over three years, in no order of id. */
export const timeOf = (n: number, images: number): string =>
  new Date(
    Date.UTC(2024, 0, 1) + Math.floor(chance(n, 7) * images) * Math.floor(94_608_000_000 / images),
  ).toISOString();

/** Three different ones. */
export function tagsOf(n: number): string[] {
  const tags = new Set<string>();
  for (let salt = 10; tags.size < 3; salt++) tags.add(tagName(zipf(n, salt, TAGS)));
  return [...tags];
}

export const wordsOf = (n: number): string[] =>
  Array.from({ length: 6 }, (_, place) => word(zipf(n, 50 + place, WORDS)));
