import { expect, test } from 'vitest';
import { readSettings } from '../../src/domain/settings.ts';
import { undeliveredEvents } from '../../src/erasure/places/undelivered-events.ts';
import { targetOf } from '../../src/erasure/subjects.ts';
import { openStorage } from '../../src/storage/account.ts';
import { containers, UNDELIVERED_EVENTS } from '../../src/storage/names.ts';
import { scene } from '../support/scene.ts';

const { connectionString, storage } = await scene(async ({ connectionString }) => ({
  connectionString,
  storage: await openStorage(readSettings({ AzureWebJobsStorage: connectionString })),
}));

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

const left = async () => {
  const names: string[] = [];
  for await (const blob of storage.blobs.list(UNDELIVERED_EVENTS)) names.push(blob.name);
  return names;
};
const look = { signal: AbortSignal.timeout(60_000) };
const count = (found: number) => ({ [`blob:${UNDELIVERED_EVENTS}`]: found });

test('however large the blob is, wherever in it they stand, and however their address is spelled', async () => {
  const place = undeliveredEvents({ storage } as unknown as Parameters<typeof undeliveredEvents>[0]);
  const name = 'large/Zoë 1.jpg';
  const imageUrl = storage.blobs.url(containers.input, name);
  const source = { container: containers.input, name, etag: '1' };
  const target = targetOf([{ id: 'a', batchId: 'large', imageUrl, source }]);
  const piece = 4 * 1024 * 1024;
  const others = JSON.stringify({
    more: 'x'.repeat(1500),
    url: storage.blobs.url(containers.input, 'other.jpg'),
  });
  const write = (blob: string, before: number, url: string) =>
    storage.blobs.write(
      UNDELIVERED_EVENTS,
      blob,
      Buffer.from(`[${others.repeat(Math.ceil(before / others.length)).slice(0, before - 10)}"${url}"]`),
      'application/json',
    );
  await write('large/1.json', 21_000_000, imageUrl);
  // The address is cut by where a piece ends.
  await write('large/2.json', piece - 10, imageUrl);
  await write('large/3.json', 100, imageUrl.replace('Zo', String.raw`\u005ao`));
  await write('large/4.json', 100, imageUrl.replaceAll('%20', ' '));
  await write('large/5.json', 21_000_000, `${imageUrl}.png`);
  await storage.blobs.write(UNDELIVERED_EVENTS, 'large/6.json', Buffer.alloc(0), 'application/json');
  expect(await place.count(target, look)).toEqual(count(4));
  await place.erase(target, look);
  expect((await left()).filter((blob) => blob.startsWith('large/'))).toEqual([
    'large/5.json',
    'large/6.json',
  ]);
});

test('an image that is called like the end of a word in every event takes no events of others with it', async () => {
  const place = undeliveredEvents({ storage } as unknown as Parameters<typeof undeliveredEvents>[0]);
  const subject = (name: string) => `/blobServices/default/containers/inputimages/blobs/${name}`;
  const write = (blob: string, name: string) =>
    storage.blobs.write(
      UNDELIVERED_EVENTS,
      blob,
      Buffer.from(JSON.stringify([{ subject: subject(name), data: { api: 'PutBlob' } }])),
      'application/json',
    );
  await write('words/1.json', 'other.jpg');
  await write('words/2.json', 'b');
  const imageUrl = storage.blobs.url(containers.input, 'b');
  const source = { container: containers.input, name: 'b', etag: '1' };
  expect(await place.count(targetOf([{ id: 'a', batchId: '', imageUrl, source }]), look)).toEqual(count(1));
});

test('a blob of events that changes or goes while it is looked at stops no erasure, and is looked at as it is then', async () => {
  const url = 'https://account/inputimages/a.jpg';
  const write = (blob: string, address: string) =>
    storage.blobs.write(UNDELIVERED_EVENTS, blob, Buffer.from(JSON.stringify([address])), 'application/json');
  for (const blob of ['now/1', 'now/2', 'now/3']) await write(blob, 'https://account/inputimages/b.jpg');
  const { blobs } = await openStorage(readSettings({ AzureWebJobsStorage: connectionString }));
  const list = blobs.list.bind(blobs);
  blobs.list = async function* (...range) {
    const listed = [];
    for await (const blob of list(...range)) listed.push(blob);
    await storage.blobs.delete(UNDELIVERED_EVENTS, 'now/1');
    await write('now/2', url);
    yield* listed;
  };
  // By hand, without a blob in the account.
  const target = targetOf([{ id: 'a', batchId: 'b', imageUrl: url }]);
  const place = undeliveredEvents({ storage: { blobs } } as never);
  expect(await place.count(target, look)).toEqual(count(1));
  await place.erase(target, look);
  expect((await left()).filter((blob) => blob.startsWith('now/'))).toEqual(['now/3']);
  await expect(place.count(target, { signal: AbortSignal.abort() })).rejects.toThrow();
});
