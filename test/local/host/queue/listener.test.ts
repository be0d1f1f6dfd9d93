import { type DequeuedMessageItem, QueueSASPermissions, QueueServiceClient } from '@azure/storage-queue';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import {
  type ListenerOptions,
  listen,
  type QueueListener,
} from '../../../../src/local/host/queue/listener.ts';
import { onSent } from '../../../../src/local/host/queue/sent.ts';
import { type Emulator, startEmulator } from '../../../support/emulator.ts';

let emulator: Emulator;
let service: QueueServiceClient;
beforeAll(async () => {
  emulator = await startEmulator();
  service = QueueServiceClient.fromConnectionString(emulator.connectionString);
});
afterAll(() => emulator.stop());

let listener: QueueListener | undefined;
afterEach(async () => {
  vi.useRealTimers();
  await listener?.stop();
  listener = undefined;
});

let queues = 0;
async function newQueue() {
  queues += 1;
  const queue = service.getQueueClient(`listened-${queues}`);
  await queue.create();
  return queue;
}

/** A listener whose polls are counted, and whose pauses only end when they are made to. */
async function listening(options: Partial<ListenerOptions> = {}) {
  const queue = await newQueue();
  let polls = 0;
  let looks = 0;
  let looked = Promise.withResolvers<void>();
  const receive = queue.receiveMessages.bind(queue);
  queue.receiveMessages = async (...given) => {
    polls += 1;
    const answer = await receive(...given);
    looks += 1;
    looked.resolve();
    looked = Promise.withResolvers();
    return answer;
  };
  const firstLook = looked.promise;
  const received: string[] = [];
  let change = Promise.withResolvers<void>();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  listener = listen({
    ...{ functionName: 'test', queue, batchSize: 2, newBatchThreshold: 1, maxPollingInterval: 60_000 },
    ...{ invisibilitySeconds: 60, random: Math.random, log: { system() {} } as never },
    process: async (message: DequeuedMessageItem) => {
      received.push(message.messageText);
      await queue.deleteMessage(message.messageId, message.popReceipt);
      change.resolve();
      change = Promise.withResolvers();
    },
    ...options,
  });
  await firstLook;
  return {
    queue,
    polls: () => polls,
    nextLook: () => looked.promise,
    /** Until so many looks have been answered, and what follows of the last one has begun. */
    async looked(count: number): Promise<void> {
      while (looks < count) await new Promise(setImmediate);
      await new Promise(setImmediate);
    },
    async got(count: number): Promise<string[]> {
      while (received.length < count) await change.promise;
      return received;
    },
  };
}

test('what this process sends is fetched at once, and one poll is all it takes', async () => {
  const { queue, got, polls } = await listening();
  const before = polls();
  for (let n = 1; n <= 3; n += 1) {
    await queue.sendMessage(`message ${n}`);
    await got(n);
  }
  expect(await got(3)).toEqual(['message 1', 'message 2', 'message 3']);
  expect(polls() - before).toBe(3);
});

test('what is told of makes no later look later: others send, too', async () => {
  const { queue, got, nextLook } = await listening();
  for (let n = 1; n <= 8; n += 1) {
    await queue.sendMessage(`message ${n}`);
    await got(n);
  }
  // Until the last message is settled and the pause has begun.
  await new Promise(setImmediate);
  const look = nextLook();
  // The wait of a queue that was looked into in vain once.
  vi.advanceTimersByTime(100);
  await look;
});

test('what another process sends into a queue that was looked into ever less often makes the next looks quick again', async () => {
  const { queue, got, looked } = await listening({ random: () => 0.5 });
  let looks = 1;
  const after = async (milliseconds: number) => {
    await looked(looks);
    vi.advanceTimersByTime(milliseconds);
    looks += 1;
    await looked(looks);
  };
  // In vain, each after twice the time.
  for (const wait of [100, 200, 400, 800]) await after(wait);
  // Not through the client that this process is told of.
  const address = queue.generateSasUrl({
    permissions: QueueSASPermissions.parse('a'),
    expiresOn: new Date(Date.now() + 60_000),
  });
  const [path, signature] = address.split('?');
  const answer = await fetch(`${path}/messages?${signature}`, {
    method: 'POST',
    body: '<QueueMessage><MessageText>from elsewhere</MessageText></QueueMessage>',
  });
  expect(answer.status).toBe(201);
  await after(1600);
  expect(await got(1)).toEqual(['from elsewhere']);
  // The look that found it is followed by one at once, and that by the shortest pause.
  looks += 1;
  await after(100);
  await after(200);
});

test('many that are sent at once are all fetched, however many fit into a batch', async () => {
  const { queue, got } = await listening();
  const texts = Array.from({ length: 11 }, (_, n) => `message ${n}`);
  await Promise.all(texts.map((text) => queue.sendMessage(text)));
  expect([...(await got(11))].sort()).toEqual([...texts].sort());
});

test('a message that is sent while the listener looks into the queue does not wait either', async () => {
  const queue = await newQueue();
  const receive = queue.receiveMessages.bind(queue);
  let looks = 0;
  queue.receiveMessages = async (...given) => {
    looks += 1;
    const answer = await receive(...given);
    // The queue was empty a moment ago: that is what this look will say.
    if (looks === 1) await queue.sendMessage('in between');
    return answer;
  };
  const got = Promise.withResolvers<string>();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  listener = listen({
    ...{ functionName: 'test', queue, batchSize: 2, newBatchThreshold: 1, maxPollingInterval: 60_000 },
    ...{ invisibilitySeconds: 60, random: Math.random, log: { system() {} } as never },
    process: async ({ messageText }) => got.resolve(messageText),
  });
  expect(await got.promise).toBe('in between');
});

test('only messages of the queue itself that can be received now are told of, until the end', async () => {
  const [queue, other] = [await newQueue(), await newQueue()];
  let told = 0;
  const end = onSent(queue.url, () => {
    told += 1;
  });
  await other.sendMessage('elsewhere');
  await queue.sendMessage('later', { visibilityTimeout: 5 });
  await queue.receiveMessages();
  expect(told).toBe(0);
  await queue.sendMessage('now');
  await queue.sendMessage('now, said so', { visibilityTimeout: 0, messageTimeToLive: -1 });
  expect(told).toBe(2);
  end();
  await queue.sendMessage('nobody listens');
  expect(told).toBe(2);
});
