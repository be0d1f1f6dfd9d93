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
