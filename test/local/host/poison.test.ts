import { type QueueClient, QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Emulator, startEmulator } from '../../support/emulator.ts';
import { eventually, type HostProcess, startHost } from './support.ts';

let emulator: Emulator;
let service: QueueServiceClient;
beforeAll(async () => {
  emulator = await startEmulator();
  service = QueueServiceClient.fromConnectionString(emulator.connectionString);
});
afterAll(() => emulator.stop());

async function queueOf(name: string): Promise<QueueClient> {
  const queue = service.getQueueClient(name);
  await queue.create();
  return queue;
}

function start(main: string, env: Record<string, string>, queues: Record<string, string | number> = {}) {
  return startHost({ main, env, queues, connectionString: emulator.connectionString });
}

async function moved(host: HostProcess, to: string): Promise<void> {
  await host.logged((line) => line.message.includes(`Moving it to queue '${to}'`));
}

/** What stands in a queue, once it holds something. */
async function contentOf(name: string) {
  const queue = service.getQueueClient(name);
  let items: Awaited<ReturnType<QueueClient['peekMessages']>>['peekedMessageItems'] = [];
  await eventually(async () => {
    items =
      (await queue.peekMessages({ numberOfMessages: 32 }).catch(() => undefined))?.peekedMessageItems ?? [];
    return items.length;
  }).toBeGreaterThan(0);
  return items;
}

async function isEmpty(queue: QueueClient): Promise<void> {
  await eventually(async () => (await queue.getProperties()).approximateMessagesCount).toBe(0);
}

test('a failing message is retried at once, and at maxDequeueCount is copied to the poison queue and deleted', async () => {
  const queue = await queueOf('failing');
  const text = '{"text":"as it was sent"}';
  await queue.sendMessage(text);
  const host = await start('queue-fail.js', { FAIL_QUEUE: 'failing' });
  const reports = await host.reported('fail', 5);
  expect(reports.map((report) => report.dequeueCount)).toEqual(['1', '2', '3', '4', '5']);
  await moved(host, 'failing-poison');
  const [copy] = await contentOf('failing-poison');
  expect(copy?.messageText).toBe(text);
  // "Never" is a date in a far century.
  expect(copy?.expiresOn.getUTCFullYear()).toBeGreaterThan(9000);
  await isEmpty(queue);
  expect(await host.stop()).toBe(0);
  expect(host.reports.filter((report) => report.event === 'fail')).toHaveLength(5);
});

test('a failed message stays invisible for visibilityTimeout', async () => {
  const queue = await queueOf('delayed');
  await queue.sendMessage('later');
  const host = await start(
    'queue-fail.js',
    { FAIL_QUEUE: 'delayed' },
    { visibilityTimeout: '00:00:03', maxDequeueCount: 2 },
  );
  const [first, second] = await host.reported('fail', 2);
  // The emulator counts in whole seconds.
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(2000);
  expect(await host.stop()).toBe(0);
});

test('a message that arrives with a dequeue count above the limit goes to poison without a call', async () => {
  const queue = await queueOf('toooften');
  await queue.sendMessage('worn out');
  for (let dequeued = 0; dequeued < 2; dequeued += 1) {
    const { receivedMessageItems } = await queue.receiveMessages();
    const [message] = receivedMessageItems;
    if (message === undefined) throw new Error('the message is not there');
    await queue.updateMessage(message.messageId, message.popReceipt, undefined, 0);
  }
  const host = await start('queue-fail.js', { FAIL_QUEUE: 'toooften' }, { maxDequeueCount: 2 });
  const [copy] = await contentOf('toooften-poison');
  expect(copy?.messageText).toBe('worn out');
  await isEmpty(queue);
  expect(await host.stop()).toBe(0);
  expect(host.reports).toEqual([]);
});

test('a message that is not base64 goes straight to poison, as it is; the handler never sees it', async () => {
  const queue = await queueOf('undecodable');
  await queue.sendMessage('{"plain":"json"}');
  const host = await start('queue-echo.js', { ECHO_QUEUE: 'undecodable' }, { messageEncoding: 'base64' });
  const [copy] = await contentOf('undecodable-poison');
  expect(copy?.messageText).toBe('{"plain":"json"}');
  await isEmpty(queue);
  expect(await host.stop()).toBe(0);
  expect(host.reports).toEqual([]);
});

test('a queue that is a poison queue gets none of its own: its message stays, and comes back when its invisibility ends', async () => {
  const queue = await queueOf('dead-poison');
  await queue.sendMessage('stays');
  const host = await start('queue-fail.js', { FAIL_QUEUE: 'dead-poison' }, { maxDequeueCount: 2 });
  const [first, second] = await host.reported('fail', 2);
  // Received for 2 s, and not released by the failure; the emulator counts in whole seconds.
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1000);
  // Beyond the limit it is fetched again, but never again given to the function.
  await eventually(async () => {
    const { peekedMessageItems } = await queue.peekMessages();
    return peekedMessageItems[0]?.dequeueCount ?? 0;
  }).toBeGreaterThanOrEqual(3);
  expect(await host.stop()).toBe(0);
  expect(host.reports).toHaveLength(2);
  expect((await queue.getProperties()).approximateMessagesCount).toBe(1);
  expect(await service.getQueueClient('dead-poison-poison').exists()).toBe(false);
});

test('a message whose poison copy fails is not deleted', async () => {
  // The name of its poison queue is longer than storage allows.
  const name = 'q'.repeat(60);
  const queue = await queueOf(name);
  await queue.sendMessage('not base64!');
  const host = await start('queue-echo.js', { ECHO_QUEUE: name }, { messageEncoding: 'base64' });
  await host.logged(
    (line) => line.level === 'error' && /could not be settled: \w+, HTTP 400/.test(line.message),
  );
  expect(await host.stop()).toBe(0);
  expect((await queue.getProperties()).approximateMessagesCount).toBe(1);
});
