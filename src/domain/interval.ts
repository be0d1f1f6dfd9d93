/** A share, and the interval in which it lies in 95 of 100 such samples. */
export interface Interval {
  share: number;
  low: number;
  high: number;
}

/** What is written of the ends of an interval, in hundredths: never a narrower one than it is, however it is rounded. */
export const endsOf100 = ({ low, high }: Pick<Interval, 'low' | 'high'>): { low: string; high: string } => {
  const to = (share: number, round: (value: number) => number, short: number) => {
    const digits = share > 0 && share < 0.1 ? 1 : 0;
    // What a share of a hundred adds to its last binary digit is no reason to go one further.
    return (round(share * 100 * 10 ** digits + short) / 10 ** digits).toFixed(digits);
  };
  return { low: to(low, Math.floor, 1e-9), high: to(high, Math.ceil, -1e-9) };
};

const Z = 1.959964;

/** Wilson's score interval of independent trials: it keeps its promise for few trials and for shares of 0 and 1, too. */
export function wilson(hits: number, trials: number): Interval {
  if (trials === 0) return { share: Number.NaN, low: 0, high: 1 };
  const share = hits / trials;
  const square = (Z * Z) / trials;
  const middle = (share + square / 2) / (1 + square);
  const reach = (Z / (1 + square)) * Math.sqrt((share * (1 - share)) / trials + square / (4 * trials));
  return { share, low: Math.max(0, middle - reach), high: Math.min(1, middle + reach) };
}
