import { seeded } from '../src/domain/seeded.ts';

/** Seeded chance: the same set every time. */
export interface Chance {
  /** In [0, 1). */
  next(): number;
  between(low: number, high: number): number;
  whole(low: number, high: number): number;
}

export function chance(seed: number): Chance {
  const next = seeded(seed);
  return {
    next,
    between: (low, high) => low + next() * (high - low),
    whole: (low, high) => Math.floor(low + next() * (high - low + 1)),
  };
}
