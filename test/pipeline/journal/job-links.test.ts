import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { findImage } from '../../../src/admin/find-image.ts';
import type { Job } from '../../../src/domain/job.ts';
import { silentLog } from '../../../src/domain/ports.ts';
import type { AnyStep, StepContext } from '../../../src/domain/step.ts';
import { linkJobs } from '../../../src/pipeline/rescue/link-jobs.ts';
import { tables } from '../../../src/storage/names.ts';
import { jpeg } from '../../support/images.ts';
import { openPipeline } from '../../support/pipeline.ts';
import { scene } from '../../support/scene.ts';

/** Ids that the next image's output mentions. */
let mentioned: string[];
let padding: string;
const { signal } = new AbortController();

const likes: AnyStep = {
  name: 'likes',
  needs: [],
  schema: z.unknown(),
  summary: 'Says which images are like this one.',
  mentions: true,
  run: async (_: StepContext) => ({ matches: mentioned.map((id) => ({ id, padding })) }),
};

const pipeline = await scene((emulator) => openPipeline(emulator, [likes]));
beforeEach(async () => {
  mentioned = [];
  padding = '';
  await pipeline.empty();
});

async function add(name: string): Promise<string> {
  await pipeline.drop(name, await jpeg());
  await pipeline.reconciler.run(silentLog, signal);
  await pipeline.drain();
  const found = await findImage(name, { storage: pipeline.storage, journal: pipeline.journal });
  if (found.kind !== 'image') throw new Error(`${name} has no job`);
  return found.id;
}

async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of list) found.push(one);
  return found;
}

test('pictures are found by how their names begin, whatever is in them', async () => {
  const { links } = pipeline.journal;
  const names = ['a b/one~.jpg', 'a b/one~~.jpg', 'a b/öne#.jpg', 'a bc/one.jpg'];
  for (const [n, name] of names.entries())
    await links.noteJob({
      ...{ id: `id-${n}`, batchId: 'a b', imageUrl: `http://127.0.0.1/${n}` },
      ...{ source: { container: 'inputimages', name, etag: '' }, admittedAt: '2026-01-01T00:00:00.000Z' },
    } as Job);
  const like = async (prefix: string) => [...new Set(await all(links.pictures.like(prefix)))].sort();
  expect(await like('')).toEqual([...names].sort());
  expect(await like('a b/')).toEqual([...names.slice(0, 3)].sort());
  expect(await like('a b/one~')).toEqual(names.slice(0, 2).sort());
  expect(await like('a b/öne#')).toEqual([names[2]]);
  expect(await like('b')).toEqual([]);
});

test('an image leads to the jobs that mention it, a picture to its jobs, and with a job all its links go', async () => {
  const { links } = pipeline.journal;
  const one = await add('batch/one.jpg');
  mentioned = [one, ...Array.from({ length: 250 }, (_, n) => `other-${n}`)];
  padding = 'x'.repeat(300);
  const two = await add('batch/two.jpg');
  expect(await all(links.mentioning(one))).toEqual([{ id: two, batchId: 'batch' }]);
  expect(await all(links.mentioning('other-249'))).toEqual([{ id: two, batchId: 'batch' }]);
  expect(await all(links.ofPicture('batch/one.jpg'))).toEqual([{ id: one, batchId: 'batch' }]);
  // Its picture and its day, what leads there, the other's link, and the other's list of links.
  expect(await links.count(one)).toBe(5);
  await links.remove('other-249', { toIt: true });
  expect(await links.count('other-249')).toBe(0);
  expect(await all(links.mentioning('other-249'))).toEqual([]);
  expect(await all(links.mentioning('other-248'))).toHaveLength(1);
  await links.remove(two, { toIt: false });
  expect(await links.count(two)).toBe(0);
  expect(await all(links.mentioning('other-248'))).toEqual([]);
  expect(await links.count(one)).toBe(3);
});

test('jobs of an older version get their links bit by bit, and only then are they relied on', async () => {
  const { journal, storage } = pipeline;
  const one = await add('old/one.jpg');
  mentioned = [one];
  const two = await add('old/two.jpg');
  padding = 'x'.repeat(40_000);
  const three = await add('old/three.jpg');
  // As an older version left them.
  const table = storage.tables.table(tables.jobLinks);
  for (const { partitionKey, rowKey } of await all(table.list())) await table.delete(partitionKey, rowKey);
  const sources = async () => (await all(journal.sources({ name: 'old/two.jpg' }))).map(({ id }) => id);
  expect(await journal.links.isComplete()).toBe(false);
  expect(await sources()).toEqual([two]);

  let looks = 0;
  await linkJobs(pipeline, () => ++looks <= 2);
  expect(await journal.links.isComplete()).toBe(false);
  expect(await linkJobs(pipeline, () => !signal.aborted)).toBeGreaterThan(0);
  expect(await journal.links.isComplete()).toBe(true);
  expect(await linkJobs(pipeline, () => true)).toBe(0);
  expect(await sources()).toEqual([two]);
  const ids = (await all(journal.links.mentioning(one))).map(({ id }) => id);
  expect(ids.sort()).toEqual([two, three].sort());
});

test('jobs are found by the day of their admission and of their own end, and no more once they are removed', async () => {
  const { links } = pipeline.journal;
  const { days } = links;
  const job = (id: string) => ({ id, batchId: 'dated' });
  const note = (id: string, admittedAt: string) =>
    links.noteJob({
      ...job(id),
      ...{ imageUrl: 'u', source: { container: 'inputimages', name: id, etag: '1' }, admittedAt },
    });
  const dated = async (list: AsyncIterable<{ id: string; batchId: string; day: string }>) =>
    (await all(list)).filter(({ batchId }) => batchId === 'dated').map(({ id, day }) => `${id} ${day}`);
  await note('a', '1999-12-31T23:59:59.999Z');
  await note('b', '2000-01-01T00:00:00.000Z');
  await note('b/2', '2000-01-01T12:00:00.000Z');
  await days.noteEnd(job('a'), '2031-05-01T00:00:00.000Z');
  await days.noteEnd(job('b'), '+010000-01-01T00:00:00.000Z');
  expect(await dated(days.admittedBefore('1999-12-31T10:00:00.000Z'))).toEqual(['a 1999-12-31']);
  expect((await dated(days.admittedBefore('2000-01-01T10:00:00.000Z'))).sort()).toEqual(
    ['a 1999-12-31', 'b 2000-01-01', 'b/2 2000-01-01'].sort(),
  );
  expect(await dated(days.endingBefore('2031-04-30T23:59:59.999Z'))).toEqual([]);
  expect(await dated(days.endingBefore('2099-01-01T00:00:00.000Z'))).toEqual(['a 2031-05-01']);
  await links.remove('a', { toIt: false });
  expect(await dated(days.admittedBefore('2000-01-01T10:00:00.000Z'))).toHaveLength(2);
  expect(await dated(days.endingBefore('2099-01-01T00:00:00.000Z'))).toEqual([]);
});

test('an archive that was linked before jobs had days is gone through once more, and only then relied on', async () => {
  const { journal, storage } = pipeline;
  const table = storage.tables.table(tables.jobLinks);
  const id = await add('dated/one.jpg');
  await table.upsert('state', 'complete', { dated: false });
  for (const row of await all(table.list()))
    if (row.partitionKey.startsWith('on:')) await table.delete(row.partitionKey, row.rowKey);
  // Another process knows nothing yet of what this one has found out.
  const fresh = await openPipeline(pipeline.emulator, [likes]);
  const { links } = fresh.journal;
  expect([await links.isComplete(), await links.isDated()]).toEqual([true, false]);
  expect(await linkJobs(fresh, () => true)).toBeGreaterThan(0);
  expect(await links.isDated()).toBe(true);
  const ids = (await all(links.days.admittedBefore('2999-01-01'))).map((job) => job.id);
  expect(ids).toContain(id);
  expect(await all(journal.links.ofPicture('dated/one.jpg'))).toHaveLength(1);
});
