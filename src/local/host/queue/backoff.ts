import type { Random } from '../../../domain/ports.ts';

const MIN_INTERVAL_MS = 100;
/** The share by which an interval may be shorter or longer than the exponential one. */
const RANDOMIZATION = 0.2;

/** How long to wait before looking into an empty queue again. */
interface Backoff {
  /** Milliseconds; longer each time. */
  next(): number;
  /** A message was found: the next wait is the shortest again. */
  reset(): void;
}

/** Random exponential back-off from 100 ms up to `maxMs`, as the storage extension's queue listener polls. */
export function createBackoff(maxMs: number, random: Random): Backoff {
  let failures = 0;
  return {
    next() {
      const factor = 1 - RANDOMIZATION + 2 * RANDOMIZATION * random();
      const increment = factor * (2 ** failures - 1) * MIN_INTERVAL_MS;
      const interval = Math.min(MIN_INTERVAL_MS + increment, Math.max(maxMs, MIN_INTERVAL_MS));
      failures += 1;
      return interval;
    },
    reset() {
      failures = 0;
    },
  };
}
