import { expect, test } from 'vitest';
import { connectQueues } from '../../../../src/local/host/queue/connection.ts';

const CONNECTION_STRING =
  'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;QueueEndpoint=http://127.0.0.1:1/a';

test('the setting of that name, or with AzureWebJobs before it, is a connection string', async () => {
  expect((await connectQueues('Own', { Own: CONNECTION_STRING })).url).toBe('http://127.0.0.1:1/a');
  expect((await connectQueues('Own', { AzureWebJobsOwn: CONNECTION_STRING })).url).toBe(
    'http://127.0.0.1:1/a',
  );
});

test.each([
  [{ Own__queueServiceUri: 'https://x.queue.core.windows.net' }, 'https://x.queue.core.windows.net'],
  [{ Own__serviceUri: 'https://y.queue.core.windows.net' }, 'https://y.queue.core.windows.net'],
  [{ Own__accountName: 'z', Own__clientId: 'id' }, 'https://z.queue.core.windows.net'],
])('%j is an identity connection', async (env, url) => {
  const service = await connectQueues('Own', env);
  expect(service.url.replace(/\/$/, '')).toBe(url);
  expect(service).toHaveProperty('credential.getToken');
});

test('a connection without a setting is refused, naming what to set', async () => {
  await expect(connectQueues('Own', { Own: '' })).rejects.toThrow(/set the app setting Own to/);
});
