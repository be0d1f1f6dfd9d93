import { z } from 'zod';
import {
  ContractError,
  ImageChangedError,
  OutageError,
  PermanentError,
  RateLimitedError,
  UnavailableError,
} from './errors.ts';
import type { Random } from './ports.ts';

/**
 * What an error means, and how long whatever is put back waits: the whole policy, its settings included. The classes
 * of errors that it decides by are in `errors.ts`.
 */

/** The app settings of the policy, under their names in the environment. */
export const retrySettings = {
  /** Attempts of a step before its failure is recorded. */
  MAX_ATTEMPTS: z.coerce.number().int().min(1).max(100).default(5),
  /** Back-off before the second attempt, in seconds; doubles with each, with full jitter. */
  RETRY_BASE_SECONDS: z.coerce.number().min(0.01).max(3600).default(5),
  /** Longest back-off, in seconds. */
  RETRY_MAX_SECONDS: z.coerce.number().min(0.01).max(86_400).default(300),
  /** Hours for which an outage only delays a step; then it is a recorded failure. */
  OUTAGE_LIMIT: z.coerce
    .number()
    .min(0)
    .max(24 * 7)
    .default(24),
};

interface RetryPolicy {
  readonly MAX_ATTEMPTS: number;
  readonly RETRY_BASE_SECONDS: number;
  readonly RETRY_MAX_SECONDS: number;
  readonly OUTAGE_LIMIT: number;
}

/** The bounds of a back-off. */
type Backoff = Pick<RetryPolicy, 'RETRY_BASE_SECONDS' | 'RETRY_MAX_SECONDS'>;

/** What the settings are wrong about together, by the setting that is to be changed. */
export function retryFaults(policy: RetryPolicy): { setting: keyof RetryPolicy; fault: string }[] {
  const { RETRY_BASE_SECONDS: base, RETRY_MAX_SECONDS: max, OUTAGE_LIMIT: limit } = policy;
  const faults: { setting: keyof RetryPolicy; fault: string }[] = [];
  if (base > max) {
    faults.push({
      setting: 'RETRY_BASE_SECONDS',
      fault: `the shortest back-off (${base} s) is longer than the longest, RETRY_MAX_SECONDS (${max} s): lower it, or raise RETRY_MAX_SECONDS`,
    });
  }
  if (limit > 0 && max > limit * 3600) {
    faults.push({
      setting: 'RETRY_MAX_SECONDS',
      fault: `one back-off (${max} s) would outlast OUTAGE_LIMIT (${limit} h): lower it to ${limit * 3600} at most, or raise OUTAGE_LIMIT`,
    });
  }
  return faults;
}

/** What becomes of a step whose attempt has failed. */
export type Verdict =
  /** The image is not the admitted one any more: the job ends. */
  | { what: 'end'; end: ImageChangedError['end'] }
  /** The outcome is recorded, and the job moves on. */
  | { what: 'settle'; state: 'unavailable' }
  | { what: 'settle'; state: 'failed'; retryable: boolean }
  /** The message is put back. `since`, ISO 8601: when the delays that are no attempts began. */
  | { what: 'wait'; delayMs: number; isAttempt: boolean; since?: string };

/** What counts beside the error itself. */
interface Attempt {
  /** Which attempt failed, 1 or more. */
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** ISO 8601: since when this run of the step has met nothing but outages and throttling. */
  readonly since: string | undefined;
  /** Whether the step waits until its work can be done, however long that takes. */
  readonly patient: boolean;
}

/** The error's class decides. */
export function verdictOn(error: unknown, attempt: Attempt, policy: RetryPolicy, random: Random): Verdict {
  const { number, now, patient } = attempt;
  if (error instanceof ImageChangedError) return { what: 'end', end: error.end };
  if (error instanceof UnavailableError && !patient) return { what: 'settle', state: 'unavailable' };
  if ((error instanceof PermanentError || error instanceof ContractError) && !patient) {
    return { what: 'settle', state: 'failed', retryable: false };
  }
  if (error instanceof RateLimitedError || error instanceof OutageError) {
    const since = attempt.since ?? new Date(now).toISOString();
    if (outlasted(since, now, policy) && !patient)
      return { what: 'settle', state: 'failed', retryable: true };
    return {
      what: 'wait',
      delayMs: outageDelayMs(error, since, now, policy, random),
      isAttempt: false,
      since,
    };
  }
  if (number >= policy.MAX_ATTEMPTS && !patient) return { what: 'settle', state: 'failed', retryable: true };
  return { what: 'wait', delayMs: backoffMs(number, policy, random), isAttempt: true };
}

/** Whether what began at `since` (ISO 8601) has lasted longer than an outage may: OUTAGE_LIMIT. */
export const outlasted = (since: string, now: number, { OUTAGE_LIMIT }: RetryPolicy): boolean =>
  now - Date.parse(since) > OUTAGE_LIMIT * 3_600_000;

/**
 * Delay before the next attempt: exponential with full jitter, a uniform draw between zero and the doubled base,
 * capped. Full jitter spreads a crowd of retries best. Source: AWS Architecture Blog, "Exponential Backoff And
 * Jitter" (2015).
 *
 * @param attempt attempts made so far, 1 or more
 * @returns milliseconds
 */
export function backoffMs(attempt: number, policy: Backoff, random: Random): number {
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

/** Shortest delay of a message whose error says when to come back: without one it would be a hot loop. */
const SHORTEST_MS = 1000;

/**
 * How long to wait for a service: what it asked for, but in an outage at least as long as the growing wait, whatever a
 * service in trouble says of itself.
 */
function delayAskedFor(error: RateLimitedError | OutageError, growingMs: number): number {
  if (error instanceof RateLimitedError) return Math.max(error.retryAfterMs, SHORTEST_MS);
  return Math.max(error.retryAfterMs ?? 0, growingMs);
}

/**
 * Delay while an outage lasts: half of how long it has lasted, so that few calls are made and the return is noticed
 * soon, or what the service asks for.
 *
 * @param since ISO 8601: when it began
 * @param now milliseconds since the epoch
 */
export function outageDelayMs(
  error: RateLimitedError | OutageError,
  since: string,
  now: number,
  policy: Backoff,
  random: Random,
): number {
  const floor = policy.RETRY_BASE_SECONDS * 1000;
  const ceiling = Math.max(policy.RETRY_MAX_SECONDS * 1000, floor);
  const growing = Math.min(Math.max((now - Date.parse(since)) / 2, floor), ceiling);
  return withJitter(delayAskedFor(error, growing), random);
}

/** Delay of a message whose outage nothing records, so that nobody knows how long it has lasted. */
export function unrecordedOutageDelayMs(error: unknown, policy: Backoff, random: Random): number {
  const { RETRY_BASE_SECONDS: base, RETRY_MAX_SECONDS: max } = policy;
  const usual = Math.max(Math.min(base * 4, max) * 1000, SHORTEST_MS);
  const isTold = error instanceof RateLimitedError || error instanceof OutageError;
  return withJitter(isTold ? delayAskedFor(error, usual) : usual, random);
}

/** Delay of a message over which processes have died, while another such message is worked on. */
export const suspectDelayMs = (deaths: number, policy: Backoff, random: Random): number =>
  Math.max(SHORTEST_MS, backoffMs(deaths, policy, random));

/** Delay of a message of a poison queue that could not even be put back to work. */
export const poisonDelayMs = ({ RETRY_MAX_SECONDS }: Backoff, random: Random): number =>
  withJitter(RETRY_MAX_SECONDS * 1000, random);

/** Shortest and longest delay of a message of a paused step: few calls, and a prompt return. */
const PAUSED_MS = { shortest: 5000, longest: 60_000 };

/** @param pausedAt ISO 8601 @returns without jitter */
export function pausedDelayMs(pausedAt: string, now: number): number {
  return Math.min(Math.max((now - Date.parse(pausedAt)) / 2, PAUSED_MS.shortest), PAUSED_MS.longest);
}

/** `maxDequeueCount` of host.json: a message of a poison queue delivered so often is never handed over again. */
export const HOST_DELIVERIES = 5;

/** How often a message whose process died is put back before it is blamed: its process may have died of a neighbour. */
export const MAX_DEATHS = 3;

/**
 * Seconds before an event that was not taken is sent again, by how often it was sent: then it is a dead letter. Source:
 * Standard Webhooks, "Deliverability and reliability".
 */
const TELLING_SECONDS = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400] as const;

/**
 * @param sent how often the event was sent, 1 or more
 * @returns milliseconds; undefined where it is given up
 */
export function tellingDelayMs(error: unknown, sent: number, random: Random): number | undefined {
  // The receiver says that it is gone for good, or will never take this one.
  if (error instanceof PermanentError) return undefined;
  const seconds = TELLING_SECONDS[sent - 1];
  if (seconds === undefined) return undefined;
  const isTold = error instanceof RateLimitedError || error instanceof OutageError;
  const asked = isTold ? Math.min(error.retryAfterMs ?? 0, 86_400_000) : 0;
  return withJitter(Math.max(seconds * 1000, asked), random);
}
