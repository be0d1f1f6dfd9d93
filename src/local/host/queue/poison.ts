import type { QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { CALL_LIMIT_MS } from './connection.ts';

const SUFFIX = '-poison';
/** Never. */
const NO_EXPIRY = -1;

/** Where messages go that cannot be handled. */
export interface PoisonQueue {
  readonly name: string;
  /** Copies a message's text as it is, creating the queue when it is missing. */
  add(messageText: string): Promise<void>;
}

/** The poison queue of a queue; a queue that is one itself has none. */
export function poisonQueueOf(service: QueueServiceClient, queueName: string): PoisonQueue | undefined {
  if (queueName.endsWith(SUFFIX)) return undefined;
  const name = queueName + SUFFIX;
  const queue: QueueClient = service.getQueueClient(name);
  const send = (text: string) =>
    queue.sendMessage(text, {
      messageTimeToLive: NO_EXPIRY,
      abortSignal: AbortSignal.timeout(CALL_LIMIT_MS),
    });
  return {
    name,
    async add(messageText) {
      try {
        await send(messageText);
      } catch (error) {
        if ((error as { statusCode?: number }).statusCode !== 404) throw error;
        await queue.createIfNotExists();
        await send(messageText);
      }
    },
  };
}
