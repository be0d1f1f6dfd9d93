/** Bits in which two hashes differ, 0 to 64. */
export function hammingDistance(one: bigint, other: bigint): number {
  const differing = one ^ other;
  return bitsIn(Number(differing >> 32n)) + bitsIn(Number(differing & 0xffff_ffffn));
}

/** Set bits of a 32-bit number, counted in parallel. */
function bitsIn(word: number): number {
  const pairs = word - ((word >>> 1) & 0x5555_5555);
  const nibbles = (pairs & 0x3333_3333) + ((pairs >>> 2) & 0x3333_3333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}
