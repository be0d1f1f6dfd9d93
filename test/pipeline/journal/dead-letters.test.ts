import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readSettings } from '../../../src/domain/settings.ts';
import { DeadLetters } from '../../../src/pipeline/journal/dead-letters.ts';
import { openStorage, type StorageAccount } from '../../../src/storage/account.ts';
import { containers, tables } from '../../../src/storage/names.ts';
import { type Emulator, startEmulator } from '../../support/emulator.ts';

const FIRST = '2026-01-01T00:00:00.000Z';
const LATER = '2026-01-02T00:00:00.000Z';
const LONG = 'z'.repeat(32_001);
const error = { code: 'ContractError', message: 'It is no message.' };

let emulator: Emulator;
let storage: StorageAccount;
let now = FIRST;
let letters: DeadLetters;
beforeAll(async () => {
  emulator = await startEmulator();
  storage = await openStorage(readSettings({ AzureWebJobsStorage: emulator.connectionString }));
  await storage.tables.ensure([tables.deadLetters]);
  await storage.blobs.ensure([containers.largeMessages]);
  letters = new DeadLetters(storage, () => Date.parse(now));
});
afterAll(() => emulator?.stop());
beforeEach(async () => {
  now = FIRST;
  for await (const letter of letters.list()) await letters.discard(letter);
});

async function all<T>(listing: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of listing) found.push(one);
  return found;
}
const blobs = async () => (await all(storage.blobs.list(containers.largeMessages))).map(({ name }) => name);

describe('a dead letter', () => {
  test('is kept whole: who, where, why, how often and when', async () => {
    const about = { jobId: 'job', batchId: 'batch' };
    const id = await letters.record({ queue: 'ocr', error, message: 'bad', attempts: 4, ...about });
    const known = { ...{ id, queue: 'ocr', error, times: 1, attempts: 4 }, ...about };
    const seen = { firstSeen: FIRST, lastSeen: FIRST };
    expect((await letters.get({ queue: 'ocr', id }))?.letter).toEqual({ ...known, ...seen, message: 'bad' });
    expect(await all(letters.list())).toEqual([{ ...known, ...seen, message: 'bad' }]);
    expect(await all(letters.summaries()), 'without its message').toEqual([{ ...known, ...seen }]);
  });

  test('of which nothing is known is about no job and no batch, and nobody has tried', async () => {
    const id = await letters.record({ queue: 'ocr', error, message: 'bad' });
    expect(await all(letters.list())).toEqual([
      { id, queue: 'ocr', error, times: 1, attempts: 0, firstSeen: FIRST, lastSeen: FIRST, message: 'bad' },
    ]);
    expect(await letters.get({ queue: 'ocr', id: 'other' })).toBeUndefined();
    expect(await letters.get({ queue: 'facecrop', id })).toBeUndefined();
  });

  test('seen again is the same one, once more; the same text in another queue, or another text, is another', async () => {
    const id = await letters.record({ queue: 'ocr', error, message: 'bad' });
    now = LATER;
    expect(await letters.record({ queue: 'ocr', error, message: 'bad', attempts: 2 })).toBe(id);
    const [again] = await all(letters.list());
    expect(again).toMatchObject({ times: 2, attempts: 2, firstSeen: FIRST, lastSeen: LATER });
    expect(await letters.record({ queue: 'facecrop', error, message: 'bad' })).not.toBe(id);
    expect(await letters.record({ queue: 'ocr', error, message: 'worse' })).not.toBe(id);
    expect(await all(letters.list())).toHaveLength(3);
    expect((await all(letters.list('ocr'))).map(({ queue }) => queue)).toEqual(['ocr', 'ocr']);
  });
});

describe('a message that was replayed and dies again', () => {
  const replayed = { queue: 'ocr', id: 'a'.repeat(32), times: 3, first_seen: FIRST };
  const dies = async (carried: unknown, queue = 'ocr') => {
    now = LATER;
    const id = await letters.record({ queue, error, message: JSON.stringify({ x: 1, replayed: carried }) });
    return (await letters.get({ queue, id }))?.letter;
  };

  test('is the dead letter it was, with its history; whichever count is higher goes on', async () => {
    expect(await dies(replayed)).toMatchObject({ id: replayed.id, times: 4, firstSeen: FIRST });
    expect(await dies(replayed), 'the row knows of more').toMatchObject({ id: replayed.id, times: 5 });
    expect(await dies({ ...replayed, times: 9 })).toMatchObject({ times: 10, firstSeen: FIRST });
  });

  test.each([
    { ...replayed, queue: 'facecrop' },
    { ...replayed, id: 'A'.repeat(32) },
    { ...replayed, id: 'a'.repeat(33) },
    { ...replayed, times: 0 },
    { ...replayed, times: 1_000_001 },
    { ...replayed, first_seen: 'yesterday' },
    'text',
    null,
  ])('in another queue, or with a history that is none, is a new one: %j', async (carried) => {
    const letter = await dies(carried);
    expect(letter).toMatchObject({ times: 1, firstSeen: LATER });
    expect(letter?.id).not.toBe(replayed.id);
  });

  test('as often as can be counted is counted', async () => {
    expect(await dies({ ...replayed, times: 1_000_000 })).toMatchObject({ times: 1_000_001 });
    expect(await dies({ ...replayed, id: 'b'.repeat(32), times: 1 })).toMatchObject({ times: 2 });
  });
});

describe('a long message', () => {
  test('stands in a blob of its own, named by the letter, and goes with it', async () => {
    const id = await letters.record({ queue: 'ocr', error, message: LONG });
    expect(await blobs()).toEqual([`deadletters/${id}.txt`]);
    expect((await all(letters.list()))[0]?.message).toBe(LONG);
    const other = await letters.record({ queue: 'ocr', error, message: `${LONG}!` });
    const entry = await letters.get({ queue: 'ocr', id });
    expect(entry && (await letters.remove(entry))).toBe(true);
    expect(await blobs()).toEqual([`deadletters/${other}.txt`]);
    await letters.discard({ queue: 'ocr', id: other });
    expect(await blobs()).toEqual([]);
    expect(await all(letters.list())).toEqual([]);
  });

  test('whose blob has gone reads as nothing', async () => {
    const id = await letters.record({ queue: 'ocr', error, message: LONG });
    await storage.blobs.delete(containers.largeMessages, `deadletters/${id}.txt`);
    expect((await letters.get({ queue: 'ocr', id }))?.letter.message).toBe('');
  });

  test('is rewritten to a short one and back: what is no longer meant is nowhere', async () => {
    const id = await letters.record({ queue: 'ocr', error, message: LONG, jobId: 'job', attempts: 3 });
    const read = async () => (await letters.get({ queue: 'ocr', id }))?.letter;
    await letters.rewrite({ queue: 'ocr', id }, 'short');
    expect(await read()).toMatchObject({ id, message: 'short', jobId: 'job', attempts: 3, times: 1 });
    expect(await blobs()).toEqual([]);
    await letters.rewrite({ queue: 'ocr', id }, `${LONG}!`);
    expect((await read())?.message).toBe(`${LONG}!`);
    expect(await blobs()).toHaveLength(1);
    await letters.rewrite({ queue: 'ocr', id }, 'y'.repeat(32_000));
    expect(await blobs()).toEqual([]);
    expect((await read())?.message).toHaveLength(32_000);
  });
});

test('a letter is removed only as it was read, and discarded as it is', async () => {
  const id = await letters.record({ queue: 'ocr', error, message: LONG });
  const entry = await letters.get({ queue: 'ocr', id });
  await letters.record({ queue: 'ocr', error, message: LONG });
  expect(entry && (await letters.remove(entry))).toBe(false);
  expect(await blobs(), 'its message stays with it').toHaveLength(1);
  await letters.discard({ queue: 'ocr', id });
  expect([await all(letters.list()), await blobs()]).toEqual([[], []]);
});

test('summaries are of a queue, of a job, and from behind a letter on', async () => {
  for (const [queue, jobId] of [
    ['facecrop', 'one'],
    ['ocr', 'one'],
    ['ocr', 'two'],
  ] as const)
    await letters.record({ queue, error, message: `${queue} ${jobId}`, jobId });
  const of = async (range: Parameters<typeof letters.summaries>[0]) =>
    (await all(letters.summaries(range))).map(({ queue, jobId }) => `${queue} ${jobId}`).sort();
  expect(await of({})).toEqual(['facecrop one', 'ocr one', 'ocr two']);
  expect(await of({ queue: 'ocr' })).toEqual(['ocr one', 'ocr two']);
  expect(await of({ jobId: 'one' })).toEqual(['facecrop one', 'ocr one']);
  expect(await of({ queue: 'ocr', jobId: 'two' })).toEqual(['ocr two']);
  const ordered = await all(letters.summaries());
  const [first, second, third] = ordered;
  if (!first || !second || !third) throw new Error('There are not three letters.');
  expect(await all(letters.summaries({ after: first }))).toEqual([second, third]);
  expect(await all(letters.summaries({ after: second, queue: 'ocr' }))).toEqual([third]);
  expect(await all(letters.summaries({ after: third }))).toEqual([]);
});

test('the pulse counts up to its limit, and tells when the newest of those was seen', async () => {
  expect(await letters.pulse()).toEqual({ count: 0, latest: undefined });
  now = LATER;
  await letters.record({ queue: 'a', error, message: '1' });
  now = FIRST;
  await letters.record({ queue: 'b', error, message: '2' });
  expect(await letters.pulse()).toEqual({ count: 2, latest: LATER });
  expect(await letters.pulse(2)).toEqual({ count: 2, latest: LATER });
  expect(await letters.pulse(1)).toEqual({ count: 1, latest: LATER });
  now = '2026-01-03T00:00:00.000Z';
  await letters.record({ queue: 'c', error, message: '3' });
  expect(await letters.pulse()).toEqual({ count: 3, latest: now });
});
