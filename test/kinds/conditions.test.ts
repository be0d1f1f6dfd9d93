import { expect, test } from 'vitest';
import { readSettings } from '../../src/domain/settings.ts';
import { Ledger } from '../../src/erasure/ledger.ts';
import { DeadLetters } from '../../src/pipeline/journal/dead-letters.ts';
import { openStorage } from '../../src/storage/account.ts';
import { containers, tables } from '../../src/storage/names.ts';
import { FaceIndex } from '../../src/vision/gallery/face-index.ts';
import { ListRegistry } from '../../src/vision/gallery/list-registry.ts';
import { scene } from '../support/scene.ts';

/** Every call that is to be made only where a thing is what it was, made where it has changed. */
const storage = await scene(async (emulator) => {
  const opened = await openStorage(readSettings({ AzureWebJobsStorage: emulator.connectionString }));
  await opened.tables.ensure(Object.values(tables));
  await opened.blobs.ensure(Object.values(containers));
  return opened;
});

const write = (name: string, text: string) =>
  storage.blobs.write(containers.input, name, Buffer.from(text), 'text/plain');

test('a blob that is another version stays, and is not read for the one that was meant', async () => {
  const { blobs } = storage;
  const old = await write('a.txt', 'one');
  const now = await write('a.txt', 'two');
  await blobs.delete(containers.input, 'a.txt', old);
  expect(await blobs.read(containers.input, 'a.txt', { ifMatch: old })).toBe('changed');
  expect(await blobs.read(containers.input, 'a.txt', { ifMatch: now })).toMatchObject({ etag: now });
  await blobs.delete(containers.input, 'a.txt', now);
  expect(await blobs.head(containers.input, 'a.txt')).toBeUndefined();
  expect(await blobs.read(containers.input, 'a.txt', { ifMatch: now })).toBeUndefined();
});

test('a blob that is there is not created over', async () => {
  const { blobs } = storage;
  const create = (text: string) => blobs.create(containers.input, 'b.txt', Buffer.from(text), 'text/plain');
  const etag = await create('one');
  expect(etag).toEqual(expect.any(String));
  expect(await create('two')).toBeUndefined();
  expect(await blobs.read(containers.input, 'b.txt')).toMatchObject({ bytes: Buffer.from('one'), etag });
});

test('a blob of more bytes than asked for is not read; one of as many is', async () => {
  await write('c.txt', 'four');
  const { blobs } = storage;
  expect(await blobs.read(containers.input, 'c.txt', { maxBytes: 3 })).toBe('too large');
  expect(await blobs.read(containers.input, 'c.txt', { maxBytes: 4 })).toMatchObject({
    bytes: Buffer.from('four'),
  });
});

test('a row that was changed or removed meanwhile is neither merged, replaced nor deleted', async () => {
  const table = storage.tables.table(tables.pauses);
  expect(await table.insert('p', 'r', { a: 1, b: 1 })).toBe(true);
  expect(await table.insert('p', 'r', { a: 2 }), 'there already').toBe(false);
  const old = (await table.get('p', 'r'))?.etag ?? '';
  const now = (await table.merge('p', 'r', { a: 2 }, old)) ?? '';
  expect(now).not.toBe(old);
  expect(await table.merge('p', 'r', { a: 3 }, old)).toBeUndefined();
  expect(await table.update('p', 'r', { a: 3 }, old)).toBe(false);
  expect(await table.replace('p', 'r', { a: 3 }, old)).toBeUndefined();
  expect(await table.delete('p', 'r', old)).toBe(false);
  expect((await table.get('p', 'r'))?.columns).toEqual({ a: 2, b: 1 });
  expect((await table.get('p', 'r', ['b']))?.columns).toEqual({ b: 1 });
  const replaced = await table.replace('p', 'r', { a: 4 }, now);
  const last = await table.get('p', 'r');
  expect(replaced, 'the ETag to go on with').toBe(last?.etag);
  expect(last?.columns).toEqual({ a: 4 });
  expect(await table.delete('p', 'r', last?.etag)).toBe(true);
  expect(await table.delete('p', 'r', last?.etag), 'gone already').toBe(true);
  expect(await table.merge('p', 'r', { a: 5 }, now)).toBeUndefined();
});

test('a list is of the partition, the columns and the rows behind that were asked for', async () => {
  const table = storage.tables.table(tables.throttle);
  for (const [partition, row, kind] of [
    ['a', '1', 'x'],
    ['a', '2', 'y'],
    ["b'", '1', 'x'],
    ["b'", '2', "y'"],
  ] as const)
    await table.insert(partition, row, { kind, other: 1 });
  const keys = async (options: Parameters<typeof table.list>[0]) => {
    const found: string[] = [];
    for await (const { partitionKey, rowKey } of table.list(options)) found.push(partitionKey + rowKey);
    return found;
  };
  expect(await keys({})).toEqual(['a1', 'a2', "b'1", "b'2"]);
  expect(await keys({ partitionKey: "b'" })).toEqual(["b'1", "b'2"]);
  expect(await keys({ where: { kind: "y'" } })).toEqual(["b'2"]);
  expect(await keys({ where: { kind: 'x' }, partitionKey: 'a' })).toEqual(['a1']);
  expect(await keys({ after: { partitionKey: 'a', rowKey: '1' } })).toEqual(['a2', "b'1", "b'2"]);
  expect(await keys({ after: { partitionKey: "b'", rowKey: '1' } })).toEqual(["b'2"]);
  for await (const { columns } of table.list({ select: ['kind'] }))
    expect(Object.keys(columns)).toEqual(['kind']);
});

test('a dead letter that was seen again since it was read is not removed', async () => {
  const letters = new DeadLetters(storage, Date.now);
  const letter = { queue: 'ocr', error: { code: 'X', message: 'x' }, message: 'z'.repeat(40_000) };
  const id = await letters.record(letter);
  const read = await letters.get({ queue: 'ocr', id });
  await letters.record(letter);
  expect(read && (await letters.remove(read))).toBe(false);
  const again = await letters.get({ queue: 'ocr', id });
  expect(again?.letter).toMatchObject({ times: 2, message: letter.message });
  expect(again && (await letters.remove(again))).toBe(true);
  expect(await letters.get({ queue: 'ocr', id })).toBeUndefined();
});

test('of two who take an erasure one has it; who has lost it cannot write; it is free when its lease is over', async () => {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const ledger = new Ledger(storage, () => now);
  const receipt = { id: 'r', kind: 'image', state: 'running', askedBy: 'a', askedAt: '', images: 0 } as const;
  const begun = await ledger.begin({
    receipt: { ...receipt, idsHash: '', stores: [], queues: [], beyond: [] },
    request: { kind: 'image', image: 'a.jpg' },
    ...{ selected: false, counted: false, placesDone: 0, audited: false, ready: false },
  });
  await begun.release();
  const both = await Promise.all([ledger.take('r'), ledger.take('r')]);
  const holds = both.filter((hold) => hold !== undefined);
  expect(holds).toHaveLength(1);
  now += 2 * 60_000 - 1;
  expect(await ledger.take('r'), 'a moment before the lease is over').toBeUndefined();
  now += 1;
  const second = await ledger.take('r');
  expect(second).toBeDefined();
  expect(await holds[0]?.save()).toBe(false);
  expect(await second?.save()).toBe(true);
  expect(await second?.release()).toBe(true);
  expect(await ledger.take('r')).toBeDefined();
  expect(await ledger.take('none')).toBeUndefined();
});

test('a face row that was changed meanwhile is neither claimed, disowned nor removed', async () => {
  const index = new FaceIndex(storage.tables.table(tables.faceIndex));
  const rectangle = { left: 1, top: 2, width: 3, height: 4 };
  const face = { key: 'job-1', jobId: 'job', batchId: 'b', imageUrl: 'u', rectangle };
  const place = (id: string) => ({ listId: 'l', persistedFaceId: id });
  expect(await index.claimFresh(face, place('one'), 1, undefined)).toBe(true);
  expect(await index.claimFresh(face, place('two'), 1, undefined), 'claimed already').toBe(false);
  expect(await index.claimFresh(face, place('one'), 1, undefined), 'its own, asked again').toBe(true);
  const old = await index.face('job-1');
  if (!old) throw new Error('There is no face row.');
  expect(await index.claimCopy(old, { ...place('copy'), epoch: 1, claimedAt: 2 })).toBe(true);
  expect(await index.claimCopy(old, { ...place('other'), epoch: 1, claimedAt: 2 })).toBe(false);
  expect(await index.disown(old, 'fresh')).toBe(false);
  expect(await index.removeFace(old)).toBe(false);
  const now = await index.face('job-1');
  expect(now).toMatchObject({
    fresh: { persistedFaceId: 'one' },
    large: { persistedFaceId: 'copy', epoch: 1 },
  });
  expect(now && (await index.disown(now, 'fresh'))).toBe(true);
  const last = await index.face('job-1');
  expect(last?.fresh).toBeUndefined();
  expect(last && (await index.removeFace(last))).toBe(true);
});

test('a face list that was changed meanwhile is not', async () => {
  const registry = new ListRegistry(storage.tables.table(tables.faceIndex), 'p', Date.now);
  await registry.register('large', 0);
  const [old] = await registry.read();
  if (!old) throw new Error('The list is not registered.');
  expect(await registry.update(old, { full: true })).toBe(true);
  expect(await registry.update(old, { full: false })).toBe(false);
  expect((await registry.get(old.listId))?.full).toBe(true);
});
