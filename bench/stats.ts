/** What repeated measurements of one thing say: the middle one, and how far the middle half reaches. */
interface Spread {
  median: number;
  /** First and third quartile. */
  low: number;
  high: number;
}

/** @throws {RangeError} when there is nothing to summarise */
export function spread(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('No measurements to summarise.');
  return { median: quantile(values, 0.5), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}

/** The `q` quantile, 0 to 1, between neighbours by linear interpolation (Hyndman and Fan's definition 7). */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/**
 * One over the other, pair by pair: what was measured in the same moment met the same noise, so the ratio of a pair
 * says more than the ratio of two medians.
 */
export function pairedRatios(over: readonly number[], under: readonly number[]): number[] {
  return over.flatMap((value, index) => {
    const base = under[index];
    return base === undefined || base === 0 ? [] : [value / base];
  });
}
