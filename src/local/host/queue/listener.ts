import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import type { Random } from '../../../domain/ports.ts';
import type { HostLog } from '../log.ts';
import { createBackoff } from './backoff.ts';
import { CALL_LIMIT_MS } from './connection.ts';
import { describe } from './process-message.ts';
import { onSent } from './sent.ts';

export interface ListenerOptions {
  readonly functionName: string;
  readonly queue: QueueClient;
  readonly batchSize: number;
  readonly newBatchThreshold: number;
  /** Milliseconds. */
  readonly maxPollingInterval: number;
  /** Seconds for which messages are received. */
  readonly invisibilitySeconds: number;
  readonly random: Random;
  readonly log: HostLog;
  /** Handles one message to its end; never throws. */
  process(message: DequeuedMessageItem): Promise<void>;
}

export interface QueueListener {
  /** Stops fetching; resolves when the messages already fetched are done with. */
  stop(): Promise<void>;
}

/**
 * Fetches messages and handles up to `batchSize + newBatchThreshold` of them at once. While it finds any it fetches
 * again as soon as there is room; an empty queue is looked into ever less often, and at once when this process has sent
 * something to it: there a step's successor mostly runs, and an image would wait up to `maxPollingInterval` before each
 * of its steps. Azure's host, with many instances, has only the polls.
 */
export function listen(options: ListenerOptions): QueueListener {
  const { queue, batchSize, newBatchThreshold, invisibilitySeconds, process, log, functionName } = options;
  const backoff = createBackoff(options.maxPollingInterval, options.random);
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  let sent = false;
  let endPause = () => {};
  const endWatch = onSent(queue.url, () => {
    sent = true;
    endPause();
  });
  let lastTrouble: string | undefined;

  async function fetchBatch(): Promise<readonly DequeuedMessageItem[]> {
    try {
      const { receivedMessageItems } = await queue.receiveMessages({
        numberOfMessages: batchSize,
        visibilityTimeout: invisibilitySeconds,
        abortSignal: AbortSignal.timeout(CALL_LIMIT_MS),
      });
      lastTrouble = undefined;
      return receivedMessageItems;
    } catch (error) {
      // The same trouble would otherwise fill the log, poll after poll.
      const trouble = describe(error);
      if (trouble !== lastTrouble) {
        const missing = (error as { statusCode?: number }).statusCode === 404;
        const text = missing ? 'does not exist yet: it counts as empty' : `cannot be read (${trouble})`;
        log.system(missing ? 'information' : 'error', `Queue '${queue.name}' ${text}.`, functionName);
      }
      lastTrouble = trouble;
      return [];
    }
  }

  async function poll(): Promise<void> {
    // Whether what is found was told of: of many messages sent at once the first fetches leave some behind.
    let isTold = false;
    let wait = backoff.next();
    while (!stopping.signal.aborted) {
      isTold ||= sent;
      sent = false;
      const messages = await fetchBatch();
      for (const message of messages) {
        const done = process(message).finally(() => running.delete(done));
        running.add(done);
      }
      // A queue whose messages are told of need not be polled more often because there was one.
      if (messages.length > 0 && !isTold) {
        backoff.reset();
        wait = backoff.next();
      }
      while (running.size > newBatchThreshold && !stopping.signal.aborted) {
        await Promise.race(running);
      }
      const isDrained = messages.length === 0 || (isTold && messages.length < batchSize);
      if (!isDrained || sent) continue;
      isTold = false;
      // Only a look that found nothing by itself makes the next one later.
      if (!stopping.signal.aborted && (await pause(wait))) wait = backoff.next();
    }
  }

  /** Waits, or less when the listener stops or a message is sent. @returns whether the time has run out */
  async function pause(milliseconds: number): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const timer = setTimeout(resolve, milliseconds, true);
    endPause = () => resolve(false);
    const ranOut = await promise;
    clearTimeout(timer);
    return ranOut;
  }

  const polling = poll();
  return {
    async stop() {
      stopping.abort();
      endWatch();
      endPause();
      await polling;
      await Promise.all(running);
    },
  };
}
