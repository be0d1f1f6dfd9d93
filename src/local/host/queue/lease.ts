import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import { CALL_LIMIT_MS } from './connection.ts';

/** A received message while its handler runs: invisible to others, and kept so. */
interface Lease {
  /** Ends the renewal and waits for one that is under way; gives the pop receipt that is valid now. */
  end(): Promise<string>;
}

/**
 * Renews the invisibility of a message each time half of it has passed, since a handler may run longer than that.
 *
 * @param invisibilitySeconds what the message was received with
 * @param onError told of a failed renewal; another try follows
 */
export function holdLease(
  queue: QueueClient,
  message: DequeuedMessageItem,
  invisibilitySeconds: number,
  onError: (error: unknown) => void,
): Lease {
  let { popReceipt } = message;
  let renewal: Promise<void> | undefined;
  const renew = () => {
    renewal ??= queue
      .updateMessage(message.messageId, popReceipt, undefined, invisibilitySeconds, {
        abortSignal: AbortSignal.timeout(CALL_LIMIT_MS),
      })
      .then((renewed) => {
        popReceipt = renewed.popReceipt ?? popReceipt;
      }, onError)
      .finally(() => {
        renewal = undefined;
      });
  };
  const timer = setInterval(renew, (invisibilitySeconds * 1000) / 2);
  return {
    async end() {
      clearInterval(timer);
      await renewal;
      return popReceipt;
    },
  };
}
