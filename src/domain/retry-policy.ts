import type { Clock, Random } from './ports.ts';
import type { Settings } from './settings.ts';

/**
 * Delay before the next attempt: exponential with full jitter, a uniform draw between zero and the doubled base,
 * capped. Full jitter spreads a crowd of retries best. Source: AWS Architecture Blog, "Exponential Backoff And
 * Jitter" (2015).
 *
 * @param attempt attempts made so far, 1 or more
 * @returns milliseconds
 */
export function backoffMs(
  attempt: number,
  policy: Pick<Settings, 'RETRY_BASE_SECONDS' | 'RETRY_MAX_SECONDS'>,
  random: Random,
): number {
  // 2 ** 1023 is the last finite doubling; the cap makes larger ones meaningless anyway.
  const doubled = policy.RETRY_BASE_SECONDS * 2 ** Math.min(Math.max(attempt - 1, 0), 1000);
  return Math.round(random() * Math.min(doubled, policy.RETRY_MAX_SECONDS) * 1000);
}

/**
 * A delay that a service asked for, with up to a quarter more, so that those it turned away do not come back at once.
 *
 * @returns milliseconds
 */
export function withJitter(delayMs: number, random: Random): number {
  return Math.round(delayMs * (1 + random() / 4));
}

/** Whether what began at `since` (ISO 8601) has lasted longer than an outage may: OUTAGE_LIMIT. */
export const outlasted = (since: string, clock: Clock, settings: Settings): boolean =>
  clock() - Date.parse(since) > settings.OUTAGE_LIMIT * 3_600_000;
