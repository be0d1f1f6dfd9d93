import { afterAll, beforeAll, expect, test } from 'vitest';
import { copies } from '../../bench/duplicates/copies.ts';
import { scene } from '../../bench/duplicates/scenes.ts';
import { jobKey } from '../../src/domain/job-id.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { readSettings } from '../../src/domain/settings.ts';
import { duplicates } from '../../src/steps/duplicates.ts';
import { openStorage, type StorageAccount } from '../../src/storage/account.ts';
import { HashIndex } from '../../src/storage/hash-index.ts';
import { tables } from '../../src/storage/names.ts';
import { runStep } from '../../src/testing/run-step.ts';
import { type Emulator, startEmulator } from '../support/emulator.ts';
import { png } from '../support/images.ts';

let emulator: Emulator;
let storage: StorageAccount;
beforeAll(async () => {
  emulator = await startEmulator();
  storage = await openStorage(readSettings({ AzureWebJobsStorage: emulator.connectionString }));
  await storage.tables.ensure(Object.values(tables));
});
afterAll(() => emulator?.stop());

const signal = new AbortController().signal;
const find = (bytes: Buffer, jobId: string, settings: Record<string, string> = {}) =>
  runStep(duplicates(storage), bytes, { jobId, settings });
const ids = (found: { duplicates: { id: string }[] }) => found.duplicates.map(({ id }) => id);
const retract = (id: string) =>
  duplicates(storage).retract?.({
    job: { id, batchId: 'test-batch', run: 0, pipeline: [], parameters: undefined },
    output: undefined,
    settings: readSettings({}),
    log: silentLog,
    signal,
  });
const copy = (name: string, bytes: Buffer) =>
  copies[name]?.(bytes) ?? Promise.reject(new Error(`no copy ${name}`));

test('a copy names the image it resembles, nearest first; a stranger and the image itself are left out', async () => {
  const original = await scene(1);
  expect(await find(original, 'original')).toMatchObject({
    duplicates: [],
    hash: expect.stringMatching(/^[0-9a-f]{16}$/),
  });
  await find(await scene(2), 'stranger');
  const recompressed = await find(await copy('recompressed, JPEG 20', original), 'recompressed');
  expect(recompressed.duplicates).toMatchObject([
    { id: 'original', batch_id: 'test-batch', image_url: expect.stringContaining('original') },
  ]);
  expect(recompressed.duplicates[0]?.similarity).toBeGreaterThan(0.9);
  const exact = await find(original, 'exact');
  expect(ids(exact)[0]).toBe('original');
  expect(exact.duplicates[0]).toMatchObject({ distance: 0, similarity: 1 });
  expect(ids(exact).sort()).toEqual(['original', 'recompressed']);
});

test('a rerun of an image finds the others and not itself', async () => {
  const [one, two] = [await scene(10), await copy('blurred', await scene(10))];
  await find(one, 'again');
  await find(two, 'twin');
  expect(ids(await find(one, 'again'))).toEqual(['twin']);
  expect(ids(await find(one, 'again'))).toEqual(['twin']);
});

test('of two in flight at once at least one sees the other', async () => {
  for (let pair = 0; pair < 5; pair++) {
    const original = await scene(20 + pair);
    const [left, right] = [`left-${pair}`, `right-${pair}`];
    const [one, two] = await Promise.all([
      find(original, left),
      copy('resized to 25 %', original).then((bytes) => find(bytes, right)),
    ]);
    expect(ids(one).includes(right) || ids(two).includes(left)).toBe(true);
  }
});

test('an image that is taken back is found no more; taking back twice, or what never was, is no error', async () => {
  const original = await scene(40);
  await find(original, 'gone');
  await retract('gone');
  await retract('gone');
  await retract('never-was');
  expect(ids(await find(original, 'later'))).toEqual([]);
});

test('a job id of any form is kept and given back as it is', async () => {
  const id = 'camp 4/Ärzte #7';
  const original = await scene(50);
  await find(original, id);
  expect(ids(await find(original, 'plain-id'))).toEqual([id]);
  await retract(id);
  expect(ids(await find(original, 'plain-id'))).toEqual([]);
});

test('DUPLICATE_DISTANCE is how much two may differ', async () => {
  const original = await scene(60);
  await find(original, 'strict');
  const cropped = await copy('cropped by 5 %', original);
  expect(ids(await find(cropped, 'cropped', { DUPLICATE_DISTANCE: '0' }))).toEqual([]);
});

test('blank pages have no hash and resemble nothing', async () => {
  const blank = { data: Buffer.alloc(64 * 64 * 3, 250), width: 64, height: 64 };
  expect(await find(await png(blank), 'blank-1')).toEqual({ hash: null, duplicates: [] });
  expect(await find(await png(blank), 'blank-2')).toEqual({ hash: null, duplicates: [] });
});

test('the index finds every image within nine bits, whichever they are, and none beyond the distance asked for', async () => {
  const index = new HashIndex(storage.tables.table(tables.imageHashes));
  const hash = 0x5a5a_0ff0_1234_9bdfn;
  // Bits spread over all bands, as badly as they can be.
  const flips = [0, 13, 26, 39, 52, 1, 14, 27, 40, 53, 2, 15];
  for (const many of [0, 1, 5, 8, 9, 12]) {
    const other = flips.slice(0, many).reduce((bits, bit) => bits ^ (1n << BigInt(bit)), hash);
    const jobId = `bits-${many}`;
    await index.enrol({ jobKey: jobKey(jobId), jobId, batchId: 'b', imageUrl: jobId, hash: other });
  }
  const found = await index.find(hash, 10, signal);
  expect(found.map(({ jobId, distance }) => [jobId, distance])).toEqual([
    ['bits-0', 0],
    ['bits-1', 1],
    ['bits-5', 5],
    ['bits-8', 8],
    ['bits-9', 9],
  ]);
});

test('an image whose hash changed is found by the new one only', async () => {
  const index = new HashIndex(storage.tables.table(tables.imageHashes));
  const image = { jobKey: 'moved', jobId: 'moved', batchId: 'b', imageUrl: 'moved' };
  await index.enrol({ ...image, hash: 0xffff_0000_ffff_0001n });
  await index.enrol({ ...image, hash: 0x0000_ffff_0000_fffen });
  expect(await index.find(0xffff_0000_ffff_0001n, 10, signal)).toEqual([]);
  expect(await index.find(0x0000_ffff_0000_fffen, 10, signal)).toHaveLength(1);
});
