import { QueueServiceClient } from '@azure/storage-queue';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  decodeMessageId,
  decodeReceipt,
  encodeMessageId,
  encodeReceipt,
  newNonce,
} from '../../../src/local/storage/queue/receipt.ts';
import { startTestStorage, type TestStorage } from './support.ts';

let storage: TestStorage;
let service: QueueServiceClient;
let now = Date.now();
beforeAll(async () => {
  storage = await startTestStorage({ clock: () => now });
  service = QueueServiceClient.fromConnectionString(storage.connectionString, {
    retryOptions: { maxTries: 1 },
  });
});
afterAll(() => storage?.end());

let made = 0;
async function newQueue() {
  made += 1;
  const queue = service.getQueueClient(`queue-${made}`);
  await queue.create();
  return queue;
}

const failure = (code: string, statusCode: number) => expect.objectContaining({ code, statusCode });

test('a message goes in, is hidden while held, and is gone once deleted', async () => {
  const queue = await newQueue();
  const text = 'a <b>& "c"\n\té 🙂';
  const sent = await queue.sendMessage(text, { messageTimeToLive: -1 });
  expect(sent.expiresOn.toISOString()).toBe('9999-12-31T23:59:59.000Z');
  const { peekedMessageItems: peeked } = await queue.peekMessages();
  expect(peeked.map(({ messageText, dequeueCount }) => [messageText, dequeueCount])).toEqual([[text, 0]]);
  const { receivedMessageItems: received } = await queue.receiveMessages({ visibilityTimeout: 30 });
  const [message] = received;
  expect(message).toMatchObject({ messageId: sent.messageId, messageText: text, dequeueCount: 1 });
  expect((await queue.receiveMessages()).receivedMessageItems).toEqual([]);
  await queue.deleteMessage(message?.messageId ?? '', message?.popReceipt ?? '');
  now += 31_000;
  expect((await queue.receiveMessages()).receivedMessageItems).toEqual([]);
});

test('an update without a text keeps it, gives a new receipt, and counts no delivery', async () => {
  const queue = await newQueue();
  await queue.sendMessage('kept');
  const [first] = (await queue.receiveMessages({ visibilityTimeout: 30 })).receivedMessageItems;
  const id = first?.messageId ?? '';
  const old = first?.popReceipt ?? '';
  const updated = await queue.updateMessage(id, old, undefined, 0);
  await expect(queue.deleteMessage(id, old)).rejects.toEqual(failure('PopReceiptMismatch', 400));
  await queue.updateMessage(id, updated.popReceipt ?? '', 'changed', 0);
  const [second] = (await queue.receiveMessages({ visibilityTimeout: 1 })).receivedMessageItems;
  expect(second).toMatchObject({ messageText: 'changed', dequeueCount: 2 });
});

test('messages come in order, up to 32 at once, and end with their time to live', async () => {
  const queue = await newQueue();
  for (let index = 0; index < 40; index += 1) {
    await queue.sendMessage(String(index), { messageTimeToLive: index < 35 ? 60 : -1 });
  }
  expect((await queue.getProperties()).approximateMessagesCount).toBe(40);
  const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 32 });
  expect(receivedMessageItems.map(({ messageText }) => Number(messageText))).toEqual(
    Array.from({ length: 32 }, (_, index) => index),
  );
  now += 61_000;
  const left = (await queue.receiveMessages({ numberOfMessages: 32 })).receivedMessageItems;
  expect(left.map(({ messageText }) => messageText)).toEqual(['35', '36', '37', '38', '39']);
  await expect(queue.receiveMessages({ numberOfMessages: 33 })).rejects.toEqual(
    failure('OutOfRangeQueryParameterValue', 400),
  );
});

test('a delayed message is invisible until its time', async () => {
  const queue = await newQueue();
  await queue.sendMessage('later', { visibilityTimeout: 10 });
  expect((await queue.peekMessages()).peekedMessageItems).toEqual([]);
  now += 10_001;
  expect((await queue.peekMessages()).peekedMessageItems).toHaveLength(1);
});

test('64 KiB is taken, one byte more is not', async () => {
  const queue = await newQueue();
  await queue.sendMessage('&'.repeat(64 * 1024));
  await expect(queue.sendMessage('é'.repeat(32 * 1024 + 1))).rejects.toEqual(
    failure('RequestBodyTooLarge', 413),
  );
  const [message] = (await queue.receiveMessages()).receivedMessageItems;
  expect(message?.messageText.length).toBe(64 * 1024);
});

test('queues are made once, listed in pages, described, cleared and deleted', async () => {
  const [one, two, three] = [1, 2, 3].map((index) => service.getQueueClient(`page-${index}`));
  await one?.create({ metadata: { Who: 'me' } });
  expect((await one?.create({ metadata: { Who: 'me' } }))?._response.status).toBe(204);
  await expect(one?.create({ metadata: { who: 'you' } })).rejects.toEqual(failure('QueueAlreadyExists', 409));
  await two?.create();
  await three?.create();
  const names: string[] = [];
  for await (const page of service
    .listQueues({ prefix: 'page-', includeMetadata: true })
    .byPage({ maxPageSize: 2 })) {
    names.push(page.queueItems?.map(({ name, metadata }) => `${name}${metadata?.who ?? ''}`).join(' ') ?? '');
  }
  expect(names).toEqual(['page-1me page-2', 'page-3']);
  await two?.sendMessage('gone');
  await two?.clearMessages();
  expect((await two?.getProperties())?.approximateMessagesCount).toBe(0);
  expect((await two?.peekMessages())?.peekedMessageItems).toEqual([]);
  await two?.delete();
  await expect(two?.delete()).rejects.toEqual(failure('QueueNotFound', 404));
  await expect(two?.sendMessage('x')).rejects.toEqual(failure('QueueNotFound', 404));
  await expect(service.createQueue('Not-A-Name')).rejects.toEqual(failure('InvalidResourceName', 400));
});

test('service properties are kept and given back', async () => {
  expect((await service.getProperties()).queueAnalyticsLogging?.version).toBe('1.0');
  await service.setProperties({ hourMetrics: { enabled: false, version: '1.0' } });
  expect((await service.getProperties()).hourMetrics?.enabled).toBe(false);
});

test('an unknown id, a receipt that is none and a marker that is none are refused', async () => {
  const queue = await newQueue();
  const { messageId, popReceipt } = await queue.sendMessage('x');
  await expect(queue.deleteMessage(messageId, 'nonsense')).rejects.toEqual(
    failure('PopReceiptMismatch', 400),
  );
  await expect(queue.deleteMessage('nonsense', popReceipt)).rejects.toEqual(failure('MessageNotFound', 404));
  const pages = service.listQueues().byPage({ continuationToken: 'none' });
  await expect(pages.next()).rejects.toEqual(failure('InvalidQueryParameterValue', 400));
});

test('ids and receipts come back as they went', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 48 - 1), fc.nat(2 ** 48 - 1), (visible, token) => {
      expect(decodeReceipt(encodeReceipt({ visible, token }))).toEqual({ visible, token });
      const nonce = newNonce();
      expect(decodeMessageId(encodeMessageId(nonce, token))).toEqual({ nonce, seq: token });
    }),
  );
});
