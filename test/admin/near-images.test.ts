import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findImage } from '../../src/admin/find-image.ts';
import { nearImages } from '../../src/admin/near-images.ts';
import { readSettings } from '../../src/domain/settings.ts';
import { openResultStore } from '../../src/results/open.ts';
import type { ImageFilter } from '../../src/results/rows.ts';
import type { ResultStore } from '../../src/results/store.ts';
import { image } from '../results/fixtures.ts';

let folder: string;
let store: ResultStore;
/** What was asked for since the test began. */
let pages: ImageFilter[] = [];
const results = async () => ({
  get: (id: string) => store.get(id),
  summaries(filter: ImageFilter) {
    pages.push(filter);
    return store.summaries(filter);
  },
});
const address = (name: string) => `http://127.0.0.1:10000/store/inputimages/${name}`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'near-'));
  store = await openResultStore(readSettings({ SQLITE_PATH: join(folder, 'results.db') }));
  await store.migrate();
  const rows = Array.from({ length: 1200 }, (_, n) => [`id-${n}`, `camp/photo_${n}.jpg`] as const);
  for (const [id, name] of rows) await store.save(image(id, { batchId: 'camp', imageUrl: address(name) }));
  const old = { batchId: 'camp', finishedAt: '2020-01-01T00:00:00.000Z' };
  await store.save(image('past', { ...old, imageUrl: address('camp/lake.jpg'), status: 'superseded' }));
  await store.save(image('old', { ...old, imageUrl: address('camp/lake.jpg') }));
});
afterAll(async () => {
  await store?.close();
  await rm(folder, { recursive: true, force: true });
});

test('by its name, or that of its file, a row is found by its words, not by going through all rows', async () => {
  for (const asked of ['camp/lake.jpg', 'lake.jpg', address('camp/lake.jpg')]) {
    pages = [];
    const found = await findImage(asked, { results });
    expect(found, asked).toEqual({ kind: 'image', id: 'old', name: 'camp/lake.jpg', byId: false });
    expect(pages[0]).toMatchObject({ text: 'lake jpg', spelling: 'exact' });
  }
});

test('a slip of the pen goes through so many rows and no more, and says that it did', async () => {
  pages = [];
  const found = await nearImages('camp/photo_7x.jpg', { results }, { names: 10, blobs: 10, rows: 500 });
  expect(found.partly).toBe(true);
  expect(found.near.length).toBeGreaterThan(0);
  expect(pages.length).toBeLessThanOrEqual(2);
  expect(await findImage('lakes.jpg', { results })).toEqual({
    kind: 'nothing',
    near: ['camp/lake.jpg'],
    partly: false,
  });
});
