import { expect, test, vi } from 'vitest';
import { connectQueues } from '../../../../src/local/host/queue/connection.ts';
import { createQueueTrigger } from '../../../../src/local/host/queue/trigger.ts';

const credentials: unknown[] = [];
vi.mock('@azure/identity', () => ({
  DefaultAzureCredential: class {
    constructor(options: unknown) {
      credentials.push(options);
    }
    getToken() {}
  },
}));

const CONNECTION =
  'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;QueueEndpoint=http://127.0.0.1:1/a';
const create = (binding: object, env: Record<string, string>) =>
  createQueueTrigger({ metadata: { name: 'f' } } as never, 'b', binding as never, {
    ...{ queues: {} as never, invisibilitySeconds: 60, env, random: () => 0 },
    ...{ log: {} as never, invoke: async () => undefined as never },
  });

test('a trigger is of the queue that its binding names, over the connection of the app where it names none', async () => {
  const env = { AzureWebJobsStorage: CONNECTION, NAME: 'work' };
  const trigger = await create({ queueName: '%NAME%' }, env);
  // It was never started.
  await trigger.stop();
  await expect(create({ queueName: 'work', connection: 'Other' }, env)).rejects.toThrow(
    /"Other" does not exist/,
  );
  await expect(create({ queueName: 'work' }, {})).rejects.toThrow(/"AzureWebJobsStorage" does not exist/);
  for (const queueName of [undefined, 'ab', 'a--b', '-ab', 'Work', 'a'.repeat(64)])
    await expect(create({ queueName }, env)).rejects.toThrow(
      `"${queueName ?? ''}" is not the name of a queue`,
    );
});

test('an identity connection signs in by the identity that is named, where one is', async () => {
  await connectQueues('Own', { Own__accountName: 'z', Own__clientId: 'id' });
  await connectQueues('Own', { Own__accountName: 'z' });
  expect(credentials).toEqual([{ managedIdentityClientId: 'id' }, {}]);
});
