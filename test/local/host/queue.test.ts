import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Azurite, startAzurite } from '../../support/azurite.ts';
import { startHost } from './support.ts';

let azurite: Azurite;
let service: QueueServiceClient;
beforeAll(async () => {
  azurite = await startAzurite();
  service = QueueServiceClient.fromConnectionString(azurite.connectionString);
});
afterAll(() => azurite.stop());

test('a message runs its function with the parsed body and is deleted', async () => {
  const queue = service.getQueueClient('work');
  await queue.create();
  await queue.sendMessage('{"a":1}');
  const host = await startHost({ main: 'queue-echo.js', connectionString: azurite.connectionString });
  const [report] = await host.reported('echo');
  expect(report?.message).toEqual({ a: 1 });
  expect(await host.stop()).toBe(0);
  expect((await queue.getProperties()).approximateMessagesCount).toBe(0);
});
