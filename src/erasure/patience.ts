import { setTimeout as pause } from 'node:timers/promises';
import { RateLimitedError } from '../domain/errors.ts';

/** How often a service may ask to wait before the erasure is left to the next time. */
const MAX_WAITS = 10;
const LONGEST_MS = 30_000;

/** Does the work, waiting as often as a service, or our own governor, asks for fewer calls. */
export async function patiently<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let waits = 0; ; waits += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof RateLimitedError) || waits === MAX_WAITS) throw error;
      await pause(Math.min(error.retryAfterMs, LONGEST_MS), undefined, { signal });
    }
  }
}
