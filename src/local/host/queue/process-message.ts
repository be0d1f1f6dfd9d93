import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import type { QueueOptions } from '../host-json.ts';
import type { HostLog } from '../log.ts';
import { CALL_LIMIT_MS } from './connection.ts';
import { holdLease } from './lease.ts';
import { decodeMessage } from './message.ts';
import type { PoisonQueue } from './poison.ts';

interface ProcessorOptions {
  readonly functionName: string;
  readonly queue: QueueClient;
  /** Absent for a queue that is a poison queue itself. */
  readonly poison: PoisonQueue | undefined;
  readonly options: QueueOptions;
  /** Seconds for which messages are received. */
  readonly invisibilitySeconds: number;
  readonly log: HostLog;
  /** Runs the function; throws when it fails. */
  call(message: DequeuedMessageItem, body: string): Promise<void>;
}

/**
 * Handles one received message from start to end, by the rules of the storage extension: success deletes it; failure
 * makes it visible again after `visibilityTimeout`, or at `maxDequeueCount` moves it to the poison queue; what arrives
 * too often, or cannot be decoded, goes there without a call. On a poison queue a failed message stays as it is, to
 * come back when its invisibility ends, and one that arrives too often is never called again.
 *
 * Never throws: what storage refuses is logged, and the message comes back by itself.
 */
export function createProcessor(given: ProcessorOptions): (message: DequeuedMessageItem) => Promise<void> {
  const { functionName, queue, poison, options, invisibilitySeconds, log, call } = given;
  const say = (level: 'warning' | 'error', text: string, error?: unknown) =>
    log.system(level, error === undefined ? text : `${text}: ${describe(error)}`, functionName);

  async function toPoison(message: DequeuedMessageItem, popReceipt: string, why: string): Promise<void> {
    if (poison === undefined) return;
    say('warning', `Message ${message.messageId} ${why}. Moving it to queue '${poison.name}'`);
    // Copied first: a crash in between leaves two messages, never none.
    await poison.add(message.messageText);
    await queue.deleteMessage(message.messageId, popReceipt, limited());
  }

  async function handle(message: DequeuedMessageItem): Promise<void> {
    const { messageId, dequeueCount } = message;
    if (dequeueCount > options.maxDequeueCount) {
      const why = `has been dequeued ${dequeueCount} times, more than ${options.maxDequeueCount}`;
      return await toPoison(message, message.popReceipt, why);
    }
    const body = decodeMessage(message.messageText, options.messageEncoding);
    if (body === undefined) {
      return await toPoison(message, message.popReceipt, 'is not base64');
    }
    const lease = holdLease(queue, message, invisibilitySeconds, (error) =>
      say('warning', `Renewing message ${messageId} failed`, error),
    );
    const succeeded = await call(message, body).then(
      () => true,
      () => false,
    );
    const popReceipt = await lease.end();
    if (succeeded) {
      await queue.deleteMessage(messageId, popReceipt, limited());
    } else if (poison !== undefined) {
      if (dequeueCount >= options.maxDequeueCount) {
        await toPoison(message, popReceipt, `has failed ${dequeueCount} times`);
      } else {
        const seconds = Math.ceil(options.visibilityTimeout / 1000);
        await queue.updateMessage(messageId, popReceipt, undefined, seconds, limited());
      }
    }
  }

  return (message) =>
    handle(message).catch((error) =>
      say('error', `Message ${message.messageId} could not be settled`, error),
    );
}

const limited = () => ({ abortSignal: AbortSignal.timeout(CALL_LIMIT_MS) });

/** Code and status of a storage error; the SDK's own text is long and quotes the request. */
export function describe(error: unknown): string {
  const { code, statusCode, message } = error as { code?: string; statusCode?: number; message?: string };
  if (code === undefined && statusCode === undefined) return message ?? String(error);
  return [code, statusCode === undefined ? undefined : `HTTP ${statusCode}`].filter(Boolean).join(', ');
}
