import { expect, test } from 'vitest';
import { readSettings } from '../../src/domain/settings.ts';
import { undeliveredEvents } from '../../src/erasure/places/undelivered-events.ts';
import { targetOf } from '../../src/erasure/subjects.ts';
import { openStorage } from '../../src/storage/account.ts';
import { containers, UNDELIVERED_EVENTS } from '../../src/storage/names.ts';
import { scene } from '../support/scene.ts';

const storage = await scene((emulator) =>
  openStorage(readSettings({ AzureWebJobsStorage: emulator.connectionString })),
);

test('events that could not be delivered go with the image they name, and no others', async () => {
  const place = undeliveredEvents({ storage } as unknown as Parameters<typeof undeliveredEvents>[0]);
  const look = { signal: AbortSignal.timeout(30_000) };
  const name = 'camp 4/Zoë "a".jpg';
  const imageUrl = storage.blobs.url(containers.input, name);
  const source = { container: containers.input, name, etag: '1' };
  const target = targetOf([{ id: 'a', batchId: 'camp 4', imageUrl, source }]);
  // On one machine there is no such container.
  expect(await place.count(target, look)).toEqual({ [`blob:${UNDELIVERED_EVENTS}`]: 0 });
  await place.erase(target, look);

  const event = (of: string) => ({
    subject: `/blobServices/default/containers/inputimages/blobs/${of}`,
    data: { api: 'PutBlob', url: storage.blobs.url(containers.input, of) },
  });
  const write = (blob: string, ...names: string[]) =>
    storage.blobs.write(
      UNDELIVERED_EVENTS,
      blob,
      Buffer.from(JSON.stringify(names.map(event))),
      'application/json',
    );
  await write('topic/2026/1.json', name);
  await write('topic/2026/2.json', 'other.jpg', name);
  await write('topic/2026/3.json', 'other.jpg', `${name}.png`);
  expect(await place.count(target, look)).toEqual({ [`blob:${UNDELIVERED_EVENTS}`]: 2 });
  await place.erase(target, look);
  const left: string[] = [];
  for await (const blob of storage.blobs.list(UNDELIVERED_EVENTS)) left.push(blob.name);
  expect(left).toEqual(['topic/2026/3.json']);
});

test('a blob of events that goes meanwhile, or is too large to be read, stops no erasure', async () => {
  const url = 'https://account/inputimages/a.jpg';
  const content: Record<string, unknown> = {
    gone: undefined,
    large: 'too large',
    named: { bytes: Buffer.from(JSON.stringify({ url })) },
    other: { bytes: Buffer.from(JSON.stringify({ url: `${url}.png` })) },
  };
  const asked: unknown[] = [];
  const deleted: string[] = [];
  const blobs = {
    hasContainer: async () => true,
    list: async function* () {
      for (const name of Object.keys(content)) yield { name };
    },
    read: async (_: string, name: string, options: object) => {
      asked.push(options);
      return content[name];
    },
    delete: async (_: string, name: string) => void deleted.push(name),
  };
  const place = undeliveredEvents({ storage: { blobs } } as never);
  const look = { signal: new AbortController().signal };
  // By hand, without a blob in the account.
  const target = targetOf([{ id: 'a', batchId: 'b', imageUrl: url }]);
  expect(await place.count(target, look)).toEqual({ [`blob:${UNDELIVERED_EVENTS}`]: 1 });
  expect(asked).toEqual(Array(4).fill({ maxBytes: 20_000_000, signal: look.signal }));
  await place.erase(target, look);
  expect(deleted).toEqual(['named']);
  await expect(place.count(target, { signal: AbortSignal.abort() })).rejects.toThrow();
});
