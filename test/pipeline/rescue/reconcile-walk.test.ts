import { expect, test } from 'vitest';
import { jobIdOf } from '../../../src/domain/job-id.ts';
import { silentLog } from '../../../src/domain/ports.ts';
import { Reconciler } from '../../../src/pipeline/rescue/reconcile.ts';
import { walkInMemory } from '../../../src/pipeline/rescue/walk.ts';
import type { BlobEntry } from '../../../src/storage/blobs.ts';

/** Whom a walk over the input container asks about, and how: over a container and a journal in memory. */
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.parse('2026-01-01T12:00:00.000Z');
const blob = (name: string, at = START - HOUR): BlobEntry =>
  ({ name, etag: 'e', bytes: 5, createdAt: new Date(at) }) as BlobEntry;

function world(
  pages: BlobEntry[][],
  {
    sent = (): boolean => true,
    minAgeMs = 0,
    budgetMs = undefined as number | undefined,
    listed = [] as string[],
  } = {},
) {
  const it = {
    now: START,
    asked: [] as string[],
    announced: [] as string[],
    listings: 0,
    read: 0,
    ranges: [] as object[],
  };
  const journal = {
    isSent: async (batch: string, id: string) => {
      it.asked.push(`${batch} ${id}`);
      return sent();
    },
    async *idsOf() {
      it.listings += 1;
      for (const id of listed) {
        it.read += 1;
        yield id;
      }
    },
  };
  const storage = {
    blobs: {
      page: async (_: string, range: { from?: string; size: number }) => {
        it.ranges.push(range);
        const index = Number(range.from ?? 0);
        return { blobs: pages[index] ?? [], ...(index + 1 < pages.length && { next: `${index + 1}` }) };
      },
      head: async () => undefined,
      url: (_: string, name: string) => `u/${name}`,
    },
    queues: {
      send: async (_: string, text: string) =>
        void it.announced.push(JSON.parse(text).subject.split('/blobs/')[1]),
    },
  };
  const reconciler = new Reconciler({
    ...({ storage, journal } as never as { storage: never; journal: never }),
    ...{ clock: () => it.now, minAgeMs, memory: walkInMemory() },
    ...(budgetMs !== undefined && { budgetMs }),
  });
  const run = () => reconciler.run(silentLog);
  return { it, run };
}
const many = (count: number, at?: number) => Array.from({ length: count }, (_, n) => blob(`b/${n}.jpg`, at));
const idOf = (name: string) => jobIdOf('inputimages', name, 'e');

test('the container is read page by page, to its end', async () => {
  const { it, run } = world([[blob('b/1.jpg')], [blob('b/2.jpg')], [blob('c/3.jpg')]], { sent: () => false });
  expect(await run()).toBe(3);
  expect(it.ranges).toEqual([{ size: 400 }, { from: '1', size: 400 }, { from: '2', size: 400 }]);
  expect(it.announced).toEqual(['b/1.jpg', 'b/2.jpg', 'c/3.jpg']);
});

test('a run that has used its time up goes on another time, after one page at least', async () => {
  const { it, run } = world([[blob('b/1.jpg')], [blob('b/2.jpg')], [blob('b/3.jpg')]], { budgetMs: 100 });
  it.now = START;
  const asks = it.asked;
  const { push } = asks;
  asks.push = (...given) => {
    it.now += 50;
    return push.apply(asks, given);
  };
  await run();
  expect(asks).toHaveLength(2);
  await run();
  expect(asks).toHaveLength(3);
});

test('a blob is left to its event until it is old enough', async () => {
  const { it, run } = world([[blob('b/old.jpg', START - MINUTE), blob('b/young.jpg', START - MINUTE + 1)]], {
    minAgeMs: MINUTE,
  });
  await run();
  expect(it.asked).toEqual([`b ${idOf('b/old.jpg')}`]);
  it.now += 1;
  await run();
  expect(it.asked.slice(1), 'the other is known').toEqual([`b ${idOf('b/young.jpg')}`]);
});

test('the next walk passes over what was old at the last, but for what clocks and events may have been late by', async () => {
  const since = START - MINUTE - 10 * MINUTE;
  const pages = [[blob('b/1.jpg', since - 1), blob('b/2.jpg', since)]];
  const { it, run } = world(pages, { minAgeMs: MINUTE });
  await run();
  expect(it.asked).toHaveLength(2);
  // This process knows of the younger one; another asks again.
  it.now += HOUR;
  await run();
  expect(it.asked).toHaveLength(2);
  const other = world(pages, { minAgeMs: MINUTE });
  const memory = { read: async () => ({ startedAt: START, since: 0, after: START }), write: async () => {} };
  const fresh = new Reconciler({
    ...({
      storage: { blobs: { page: async () => ({ blobs: pages[0] }) } },
      journal: { isSent: async (_: string, id: string) => other.it.asked.push(id) },
    } as never as { storage: never; journal: never }),
    ...{ clock: () => START + HOUR, minAgeMs: MINUTE, memory },
  });
  await fresh.run(silentLog);
  expect(other.it.asked).toEqual([idOf('b/2.jpg')]);
});

test('fifty of a batch are asked about one by one; of more the list of their batch is read, as far as that pays', async () => {
  const few = world([many(50)]);
  await few.run();
  expect([few.it.asked.length, few.it.listings]).toEqual([50, 0]);
  const ids = many(51).map(({ name }) => idOf(name));
  const all = world([many(51)], { listed: [...ids, 'another', 'and another'] });
  await all.run();
  expect([all.it.asked.length, all.it.listings, all.it.read]).toEqual([0, 1, 51]);
  const strangers = world([many(51)], {
    listed: Array.from({ length: 1000 }, (_, n) => `other-${n}`),
    sent: () => false,
  });
  expect(await strangers.run()).toBe(51);
  expect([strangers.it.asked.length, strangers.it.read]).toEqual([51, 510]);
});

test('sixteen are asked about at once', async () => {
  let underWay = 0;
  let most = 0;
  const isSent = async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise(setImmediate);
    underWay -= 1;
    return true;
  };
  const storage = { blobs: { page: async () => ({ blobs: many(40) }) } };
  const deps = { storage, journal: { isSent } } as never as { storage: never; journal: never };
  await new Reconciler({ ...deps, clock: () => START, minAgeMs: 0 }).run(silentLog);
  expect(most).toBe(16);
});

test('of young blobs a hundred thousand are remembered; one that is not is asked about again', async () => {
  const young = many(100_001, START);
  const { it, run } = world([young], { listed: young.map(({ name }) => idOf(name)) });
  await run();
  expect([it.asked.length, it.listings]).toEqual([0, 1]);
  await run();
  expect(it.asked).toEqual([`b ${idOf('b/100000.jpg')}`]);
});
