import { afterEach, expect, test, vi } from 'vitest';
import { jobKey } from '../../src/domain/job-id.ts';
import { readSettings } from '../../src/domain/settings.ts';
import { duplicates } from '../../src/steps/duplicates.ts';
import { openModels } from '../../src/steps/open-models.ts';
import { HashIndex } from '../../src/storage/hash-index.ts';
import { noise } from '../support/images.ts';

afterEach(() => void vi.restoreAllMocks());

test('an image is made findable before others are looked for; what is its own is left out, and of the rest a hundred are told', async () => {
  const calls: unknown[] = [];
  const other = (n: number, more: object = {}) => ({
    ...{ jobKey: `o${n}`, jobId: `o/${n}`, batchId: 'b', imageUrl: `u/${n}`, distance: 16 },
    ...more,
  });
  const found = [
    other(0, { jobKey: jobKey('j'), imageUrl: 'elsewhere' }),
    other(1, { imageUrl: 'u' }),
    ...Array.from({ length: 101 }, (_, n) => other(n + 2)),
  ];
  vi.spyOn(HashIndex.prototype, 'enrol').mockImplementation(async (one) => void calls.push(['enrol', one]));
  vi.spyOn(HashIndex.prototype, 'remove').mockImplementation(async (key) => void calls.push(['remove', key]));
  vi.spyOn(HashIndex.prototype, 'find').mockImplementation(async (_, distance) => {
    calls.push(['find', distance]);
    return found as never;
  });
  const step = duplicates({ tables: { table: () => ({}) } } as never);
  const run = (pixels: object) =>
    step.run({
      job: { id: 'j', batchId: 'b', run: 0, pipeline: [], parameters: undefined },
      image: { url: 'u', pixels: async () => pixels },
      ...{ settings: readSettings({ DUPLICATE_DISTANCE: '7' }), signal: new AbortController().signal },
    } as never);
  const picture = { ...noise(64, 64), channels: 3 };
  const result = await run(picture);
  expect(calls.map((call) => (call as unknown[])[0])).toEqual(['enrol', 'find']);
  expect(calls[0]).toMatchObject(['enrol', { jobKey: jobKey('j'), jobId: 'j', batchId: 'b', imageUrl: 'u' }]);
  expect(calls[1]).toEqual(['find', 7]);
  expect(result.duplicates).toHaveLength(100);
  expect(result.duplicates[0]).toEqual({
    id: 'o/2',
    batch_id: 'b',
    image_url: 'u/2',
    distance: 16,
    similarity: 0.75,
  });
  calls.length = 0;
  const blank = { ...picture, data: Buffer.alloc(picture.data.length, 200) };
  expect(await run(blank)).toEqual({ hash: null, duplicates: [] });
  expect(calls).toEqual([['remove', jobKey('j')]]);
});

test('of a switch of models every process is told, of the models that there are', async () => {
  const used: unknown[] = [];
  const open = (row: object) =>
    openModels({
      results: { database: { read: async () => [[row]] } },
      galleries: { use: async (...given: unknown[]) => used.push(given) },
      ...{ settings: readSettings({}), clock: () => 0 },
    } as never);
  const columns = { active_model: 'a', phase: 'enrolling', paused: 0, changed_at: '', images: 0 };
  await (await open({ ...columns, next_model: 'b', former_model: null })).tell();
  await (await open({ ...columns, next_model: null, former_model: 'c' })).tell();
  await (await open({ ...columns, next_model: null, former_model: null })).tell();
  expect(used).toEqual([
    ['a', ['b']],
    ['a', ['c']],
    ['a', []],
  ]);
});
