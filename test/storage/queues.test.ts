import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSettings } from '../../src/domain/settings.ts';
import { openStorage, type StorageAccount } from '../../src/storage/account.ts';
import { QUEUE_MESSAGE_BYTES, Queues } from '../../src/storage/queues.ts';
import { type Emulator, startEmulator } from '../support/emulator.ts';

let emulator: Emulator;
let storage: StorageAccount;

beforeAll(async () => {
  emulator = await startEmulator();
  storage = await openStorage(readSettings({ AzureWebJobsStorage: emulator.connectionString }));
});
afterAll(() => emulator?.stop());

/** How long the service keeps a message that is sent with this delay invisible, as it answers itself, in milliseconds. */
async function invisibleFor(delayMs: number | undefined): Promise<number> {
  const service = QueueServiceClient.fromConnectionString(emulator.connectionString);
  const open = service.getQueueClient.bind(service);
  let invisible = Number.NaN;
  service.getQueueClient = (name) => {
    const client = open(name);
    const send = client.sendMessage.bind(client);
    client.sendMessage = async (...given) => {
      const answer = await send(...given);
      invisible = answer.nextVisibleOn.getTime() - answer.insertedOn.getTime();
      return answer;
    };
    return client;
  };
  await new Queues(service).send('delayed', 'text', delayMs);
  return invisible;
}

test.each([
  [undefined, 0],
  [-5, 0],
  [0, 0],
  [1, 1],
  [1000, 1],
  [1001, 2],
  [90_000, 90],
  // The service's limit is a week: what is to wait longer waits that long, and is put back then.
  [30 * 86_400_000, 7 * 86_400],
])('a message sent with a delay of %s ms is invisible for %s s', async (delayMs, seconds) => {
  expect(await invisibleFor(delayMs)).toBe(seconds * 1000);
});

test('a queue that is not there is made by the first message, which is in it', async () => {
  await storage.queues.send('made-by-sending', 'text');
  const depth = await storage.queues.look('made-by-sending');
  expect(depth).toMatchObject({ messages: 1, visible: [{ text: 'text', dequeueCount: 0 }] });
});

test('a message holds as many bytes as is said, and not one more', async () => {
  const ofBytes = (bytes: number) => `é${'x'.repeat(bytes - 2)}`;
  await storage.queues.send('filled', ofBytes(QUEUE_MESSAGE_BYTES));
  await expect(storage.queues.send('filled', ofBytes(QUEUE_MESSAGE_BYTES + 1))).rejects.toMatchObject({
    statusCode: 413,
  });
  expect((await storage.queues.look('filled'))?.messages).toBe(1);
});
