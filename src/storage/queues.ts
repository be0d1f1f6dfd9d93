import type { QueueServiceClient } from '@azure/storage-queue';
import { notGenuine } from './genuine.ts';
import { limited } from './limit.ts';
import { poisonQueue } from './names.ts';
import { orUndefined, statusOf } from './status.ts';

/** Bytes (UTF-8) that one queue message can hold as sent. Source: Azure Storage scalability targets. */
export const QUEUE_MESSAGE_BYTES = 65_536;

/** Longest visibility timeout the service takes, in milliseconds: seven days. */
const MAX_DELAY_MS = 7 * 24 * 3600 * 1000;

/** Messages of a queue that can be seen at once. Source: Azure Storage, "Peek Messages". */
export const MOST_PEEKED = 32;

/** What can be seen of a queue from outside. */
interface QueueDepth {
  /** Messages in it, delayed and taken ones included; the service calls it approximate. */
  messages: number;
  /** Of the first visible ones, at most `MOST_PEEKED`: nobody has them now. */
  visible: readonly VisibleMessage[];
  /** When the oldest of these was sent: one that was put back stands behind younger ones. Absent where none is visible. */
  oldestReady?: Date;
}

/** A queue with its poison queue; both empty where they are not there yet. */
interface QueueStanding extends QueueDepth {
  /** About how many messages its host has given up. */
  poison: number;
}

interface VisibleMessage {
  text: string;
  insertedAt: Date;
  /** How often it was handed out. */
  dequeueCount: number;
}

/** Sends text to queues. Messages never expire: only work that is done, or a person, removes one. */
export class Queues {
  readonly #service: QueueServiceClient;

  constructor(service: QueueServiceClient) {
    this.#service = service;
  }

  /** @param delayMs the message stays invisible that long (rounded up to whole seconds) */
  async send(queue: string, text: string, delayMs = 0): Promise<void> {
    const visibilityTimeout = Math.ceil(Math.min(Math.max(delayMs, 0), MAX_DELAY_MS) / 1000);
    const client = this.#service.getQueueClient(queue);
    const options = { messageTimeToLive: -1, ...(visibilityTimeout > 0 && { visibilityTimeout }) };
    try {
      await client.sendMessage(text, { ...options, ...limited() });
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      await client.createIfNotExists(limited());
      await client.sendMessage(text, { ...options, ...limited() });
    }
  }

  /** Looks at a queue without taking anything; undefined where there is none of that name. */
  async look(queue: string): Promise<QueueDepth | undefined> {
    const client = this.#service.getQueueClient(queue);
    const properties = await orUndefined(client.getProperties(limited()));
    if (!properties) return undefined;
    if (properties.requestId === undefined) throw notGenuine();
    const messages = properties.approximateMessagesCount ?? 0;
    if (messages === 0) return { messages, visible: [] };
    const { peekedMessageItems } = await client.peekMessages({ numberOfMessages: MOST_PEEKED, ...limited() });
    const visible = peekedMessageItems.map(({ messageText, insertedOn, dequeueCount }) => ({
      text: messageText,
      insertedAt: insertedOn,
      dequeueCount,
    }));
    if (visible.length === 0) return { messages, visible };
    const oldest = Math.min(...visible.map(({ insertedAt }) => insertedAt.getTime()));
    return { messages, visible, oldestReady: new Date(oldest) };
  }

  /** Looks at a queue and at its poison queue. */
  async standing(queue: string): Promise<QueueStanding> {
    const [depth, poison] = await Promise.all([this.look(queue), this.look(poisonQueue(queue))]);
    return { messages: 0, visible: [], ...depth, poison: poison?.messages ?? 0 };
  }

  /**
   * Sends the messages that are visible now, at most 32, anew, so that their deliveries are counted from the beginning:
   * each is added before the old one is deleted.
   *
   * @returns how many
   */
  async renew(queue: string): Promise<number> {
    const client = this.#service.getQueueClient(queue);
    const range = { numberOfMessages: 32, visibilityTimeout: 60 };
    const { receivedMessageItems } = await client.receiveMessages({ ...range, ...limited() });
    for (const { messageText, messageId, popReceipt } of receivedMessageItems) {
      await this.send(queue, messageText);
      await orUndefined(client.deleteMessage(messageId, popReceipt, limited()));
    }
    return receivedMessageItems.length;
  }

  /**
   * Takes the messages of a queue that were delivered so often in vain that its host never hands them over again. Each is
   * deleted once `work` is done with it, and stays where that throws; others that come along are sent anew, with their
   * deliveries counted from the beginning.
   *
   * @returns how many were worked on
   */
  async takeLeft(queue: string, deliveries: number, work: (text: string) => Promise<void>): Promise<number> {
    const client = this.#service.getQueueClient(queue);
    let worked = 0;
    for (;;) {
      const { visible } = (await this.look(queue)) ?? { visible: [] };
      if (!visible.some(({ dequeueCount }) => dequeueCount >= deliveries)) return worked;
      const range = { numberOfMessages: MOST_PEEKED, visibilityTimeout: 60 };
      const { receivedMessageItems } = await client.receiveMessages({ ...range, ...limited() });
      if (receivedMessageItems.length === 0) return worked;
      for (const { messageText, messageId, popReceipt, dequeueCount } of receivedMessageItems) {
        // To receive it was a delivery as well.
        if (dequeueCount > deliveries) {
          await work(messageText);
          worked += 1;
        } else await this.send(queue, messageText);
        await orUndefined(client.deleteMessage(messageId, popReceipt, limited()));
      }
    }
  }

  /** Removes every message; that there is no such queue is no error. */
  async clear(queue: string): Promise<void> {
    await orUndefined(this.#service.getQueueClient(queue).clearMessages(limited()));
  }

  /** Creates the queues that do not exist. */
  async ensure(queues: readonly string[]): Promise<void> {
    await Promise.all(
      queues.map((queue) => this.#service.getQueueClient(queue).createIfNotExists(limited())),
    );
  }
}
