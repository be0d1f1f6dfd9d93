import { OutageError, PipelineError, RateLimitedError, toRecordedError } from '../../domain/errors.ts';
import { jobKey } from '../../domain/job-id.ts';
import type { Clock, Log, Random } from '../../domain/ports.ts';
import { outageDelayMs, unrecordedOutageDelayMs } from '../../domain/retry-policy.ts';
import type { Settings } from '../../domain/settings.ts';
import type { StorageAccount } from '../../storage/account.ts';
import { isStorageOutage } from '../../storage/status.ts';
import type { HostAwayError } from '../admission/host-away.ts';
import type { ClaimCheck } from '../message/claim-check.ts';
import type { Message } from '../message/message.ts';

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
  const delayMs = unrecordedOutageDelayMs(error, deps.settings, deps.random);
  log.warn('message.put-back', { queue, code: toRecordedError(error).code, delayMs });
  await deps.storage.queues.send(queue, text, delayMs);
  return true;
}

/** Puts back a message whose image is at a host that is away, with a note of since when it is: see `foreign-images.ts`. */
export async function putBackUntilHostIsBack(
  deps: { storage: StorageAccount; claimCheck: ClaimCheck; settings: Settings; clock: Clock; random: Random },
  queue: string,
  message: Message,
  { outage }: HostAwayError,
  log: Log,
): Promise<void> {
  const now = deps.clock();
  const since = message.away_since ?? new Date(now).toISOString();
  const delayMs = outageDelayMs(outage, since, now, deps.settings, deps.random);
  const { id } = message.job_definition;
  log.warn('message.put-back', { job: id, queue, code: outage.code, delayMs });
  const text = await deps.claimCheck.encode(jobKey(id), { ...message, away_since: since });
  await deps.storage.queues.send(queue, text, delayMs);
}
