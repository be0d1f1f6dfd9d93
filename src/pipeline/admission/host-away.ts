import type { OutageError, RateLimitedError } from '../../domain/errors.ts';

/**
 * The host of a foreign image cannot be asked now: the image is not a job yet, whose row could say since when. Its
 * message says so instead.
 */
export class HostAwayError extends Error {
  readonly outage: RateLimitedError | OutageError;

  constructor(outage: RateLimitedError | OutageError) {
    super(outage.message, { cause: outage });
    this.name = 'HostAwayError';
    this.outage = outage;
  }
}
