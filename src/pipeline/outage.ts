import { OutageError, PipelineError, RateLimitedError, toRecordedError } from '../errors.ts';
import type { Log, Random } from '../ports.ts';
import type { Settings } from '../settings.ts';
import type { StorageAccount } from '../storage/account.ts';
import { isStorageOutage } from '../storage/status.ts';
import { withJitter } from './retry.ts';

/**
 * A storage call that failed inside a step, as the outage it is: an image must not fail for it. A time-out is left as
 * it is, for it may be the step's own: its image may be why.
 */
export function asOutage(thrown: unknown): unknown {
  if (thrown instanceof PipelineError || !isStorageOutage(thrown)) return thrown;
  if (thrown instanceof Error && thrown.name === 'TimeoutError') return thrown;
  return new OutageError('The storage account did not answer, or is asking for fewer calls.', {
    code: 'StorageUnavailable',
    cause: thrown,
  });
}

/**
 * Puts a message back, as it is, when what it met is an outage that no journal row can take down: tables or blobs
 * away, or the host of a foreign image. Throwing instead would burn the host's dequeue count and end in poison.
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
  const asked =
    error instanceof RateLimitedError || error instanceof OutageError ? error.retryAfterMs : undefined;
  const outage = error instanceof RateLimitedError || error instanceof OutageError || isStorageOutage(error);
  if (!outage) return false;
  const { RETRY_BASE_SECONDS: base, RETRY_MAX_SECONDS: max } = deps.settings;
  const delayMs = withJitter(asked ?? Math.min(base * 4, max) * 1000, deps.random);
  log.warn('message.put-back', { queue, code: toRecordedError(error).code, delayMs });
  await deps.storage.queues.send(queue, text, delayMs);
  return true;
}
