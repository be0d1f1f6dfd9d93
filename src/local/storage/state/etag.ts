const EPOCH_TICKS = 62_135_596_800_000n;
let last = 0n;

/**
 * A new ETag in the service's form: `0x` and the 100-nanosecond ticks of a moment in hexadecimal digits, without
 * quotes. Never twice the same, for writes within one millisecond are counted on, from a random tick of it.
 */
export function newEtag(now: number): string {
  const ticks = (BigInt(now) + EPOCH_TICKS) * 10_000n + BigInt(Math.floor(Math.random() * 10_000));
  last = ticks > last ? ticks : last + 1n;
  return `0x${last.toString(16).toUpperCase()}`;
}
