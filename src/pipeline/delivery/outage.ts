import { OutageError, PipelineError, RateLimitedError, toRecordedError } from '../../domain/errors.ts';
import type { Log, Random } from '../../domain/ports.ts';
import { withJitter } from '../../domain/retry-policy.ts';
import type { Settings } from '../../domain/settings.ts';
import type { StorageAccount } from '../../storage/account.ts';
import { isStorageOutage } from '../../storage/status.ts';

/**
 * A storage call that failed inside a step, as the outage it is: an image must not fail for it. A time-out is left as
 * it is, for it may be the step's own: its image may be why.
 */
export function asOutage(thrown: unknown, stopping?: AbortSignal): unknown {
  if (stopping?.aborted && !(thrown instanceof PipelineError)) {
    return new OutageError('The Functions host is stopping; another takes the work up.', {
      code: 'HostStopping',
      cause: thrown,
    });
  }
  if (thrown instanceof PipelineError || !isStorageOutage(thrown)) return thrown;
  if (thrown instanceof Error && thrown.name === 'TimeoutError') return thrown;
  return new OutageError('The storage account did not answer, or is asking for fewer calls.', {
    code: 'StorageUnavailable',
    cause: thrown,
  });
}

/** Shortest delay a queue can hold: a message put back without one is a hot loop. */
const SHORTEST_MS = 1000;

/**
 * How long to wait: what the service asked for, but an outage at least as long as its growing wait, whatever a service
 * in trouble says of itself.
 */
export function delayAskedFor(error: RateLimitedError | OutageError, growingMs: number): number {
  if (error instanceof RateLimitedError) return Math.max(error.retryAfterMs, SHORTEST_MS);
  return Math.max(error.retryAfterMs ?? 0, growingMs);
}

/** While an outage lasts, the wait is half of how long it has lasted: few calls, and a prompt return. */
export function outageDelayMs(waitedMs: number, settings: Settings): number {
  const floor = settings.RETRY_BASE_SECONDS * 1000;
  return Math.min(Math.max(waitedMs / 2, floor), Math.max(settings.RETRY_MAX_SECONDS * 1000, floor));
}

/**
 * Puts a message back, as it is, when what it met is an outage that no journal row can take down: tables or blobs
 * away. Throwing instead would burn the host's dequeue count and end in poison.
 *
 * @returns false where the error is none of these; throws where the queue service is away too, and then the host keeps
 *   the message
 */
export async function putBackOnOutage(
  deps: { storage: StorageAccount; settings: Settings; random: Random },
  queue: string,
  text: string,
  error: unknown,
  log: Log,
): Promise<boolean> {
  const saysSo = error instanceof RateLimitedError || error instanceof OutageError;
  if (!saysSo && !isStorageOutage(error)) return false;
  const { RETRY_BASE_SECONDS: base, RETRY_MAX_SECONDS: max } = deps.settings;
  const usualMs = Math.max(Math.min(base * 4, max) * 1000, SHORTEST_MS);
  const delayMs = withJitter(saysSo ? delayAskedFor(error, usualMs) : usualMs, deps.random);
  log.warn('message.put-back', { queue, code: toRecordedError(error).code, delayMs });
  await deps.storage.queues.send(queue, text, delayMs);
  return true;
}
