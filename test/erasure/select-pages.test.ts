import { describe, expect, test } from 'vitest';
import type { ErasureRequest } from '../../src/erasure/request.ts';
import { select } from '../../src/erasure/select.ts';

const DAY_MS = 24 * 3_600_000;
const NOW = Date.UTC(2026, 5, 1);
const { signal } = new AbortController();
const iso = (ms: number) => new Date(ms).toISOString();

/** A job as the journal gives it: admitted so many days ago. */
const job = (id: string, days = 0, more: object = {}) => ({
  ...{ id, batchId: 'b', imageUrl: `u/${id}`, admittedAt: iso(NOW - days * DAY_MS) },
  ...{ source: { container: 'inputimages', name: `b/${id}`, etag: id }, ...more },
});
type Job = ReturnType<typeof job>;

/** Journal and database as far as a choice asks them, with what they were asked. */
function world({
  jobs = [],
  isDated = true,
  ...more
}: {
  jobs?: Job[];
  isDated?: boolean;
  days?: object[];
  rows?: object[];
  items?: string[];
}) {
  const calls: string[] = [];
  const deps = {
    journal: {
      batchOf: async (id: string) =>
        jobs.find((one) => one.id === id)?.batchId ?? (id === 'claimed' ? 'b' : undefined),
      read: async (_: string, id: string) => {
        calls.push(`read ${id}`);
        const found = jobs.find((one) => one.id === id);
        return found && { job: found };
      },
      sources: async function* (where?: object) {
        calls.push(`sources ${where === undefined ? 'all' : JSON.stringify(where)}`);
        yield* jobs;
      },
      links: {
        isDated: async () => isDated,
        days: {
          admittedBefore: async function* (before: string) {
            calls.push(`before ${before}`);
            yield* more.days ??
              jobs.map(({ id, batchId, admittedAt }) => ({ id, batchId, day: admittedAt.slice(0, 10) }));
          },
        },
      },
    },
    results: async () => ({
      get: async () => undefined,
      bulk: {
        items: async (_: string, { from, limit }: { from: number; limit: number }) => {
          calls.push(`items ${from} ${limit}`);
          return (more.items ?? [])
            .map((item, index) => ({ item, position: index * 2 }))
            .filter(({ position }) => position >= from)
            .slice(0, limit);
        },
      },
      erasures: {
        find: async (where: object, { limit, after }: { limit: number; after?: { id: string } }) => {
          calls.push(`rows ${JSON.stringify(where)} ${limit} ${after?.id ?? ''}`);
          const rows = (more.rows ?? []) as { id: string }[];
          const start = after ? rows.findIndex(({ id }) => id === after.id) + 1 : 0;
          return rows.slice(start, start + limit);
        },
      },
    }),
  };
  const choose = (request: ErasureRequest) => select(request, deps as never, signal);
  return { calls, choose };
}
const retention = (days: number | undefined, byBatch: { prefix: string; days: number }[] = []) =>
  ({ kind: 'retention', now: iso(NOW), rules: { byBatch, ...(days !== undefined && { days }) } }) as const;
const many = (count: number) => Array.from({ length: count }, (_, n) => `${n}`);

describe('what is too old', () => {
  test('is taken five hundred images at a time; of anything else all', async () => {
    const jobs = many(501).map((id) => job(id, 30));
    expect(await world({ jobs }).choose(retention(30))).toHaveLength(500);
    expect(
      await world({ items: many(501), jobs }).choose({ kind: 'selection', selection: 's' }),
    ).toHaveLength(501);
  });

  test('is looked for among what was admitted before the shortest time that any rule gives', async () => {
    const { calls, choose } = world({});
    await choose(retention(30, [{ prefix: 'c', days: 7 }]));
    await choose(retention(3, [{ prefix: 'c', days: 7 }]));
    await choose(retention(undefined, [{ prefix: 'c', days: 7 }]));
    const befores = [7, 3, 7].map((days) => iso(NOW - days * DAY_MS));
    expect(calls).toEqual(
      befores.flatMap((before) => [`before ${before}`, `rows {"before":"${before}"} 1000 `]),
    );
  });

  test('of a batch that is kept longer is not read, and a job that has gone is no subject', async () => {
    const days = ['old', 'gone', 'kept'].map((id) => ({
      ...{ id, batchId: id === 'kept' ? 'keep' : 'b', day: iso(NOW - 10 * DAY_MS).slice(0, 10) },
    }));
    const { calls, choose } = world({ jobs: [job('old', 10), job('kept', 10, { batchId: 'keep' })], days });
    const found = await choose(retention(5, [{ prefix: 'keep', days: 20 }]));
    expect(found.map(({ id }) => id)).toEqual(['old']);
    expect(calls.filter((call) => call.startsWith('read'))).toEqual(['read old', 'read gone']);
  });

  test('is looked for among all jobs where the journal does not know them by day', async () => {
    const { calls, choose } = world({ jobs: [job('old', 5), job('young', 4)], isDated: false });
    expect((await choose(retention(5))).map(({ id }) => id)).toEqual(['old']);
    expect(calls.filter((call) => /^(sources all|before)/.test(call))).toEqual(['sources all']);
  });

  test('is a row without a job by its own time, whatever its claim; one whose job lives on is not', async () => {
    const row = (id: string, days: number) => ({
      ...{ id, batchId: 'b', imageUrl: 'u', finishedAt: iso(NOW - days * DAY_MS) },
    });
    const { choose } = world({
      jobs: [job('lives', 1)],
      rows: [row('alone', 5), row('claimed', 5), row('lives', 5), row('young', 4)],
      days: [],
    });
    const found = await choose(retention(5));
    expect(found).toEqual(['alone', 'claimed'].map((id) => ({ id, batchId: 'b', imageUrl: 'u' })));
  });

  test('is gone through a thousand rows at a time', async () => {
    const rows = many(1000).map((id) => ({ id, batchId: 'b', imageUrl: 'u', finishedAt: iso(NOW) }));
    const { calls, choose } = world({ rows });
    await choose(retention(5));
    const before = JSON.stringify({ before: iso(NOW - 5 * DAY_MS) });
    expect(calls.slice(1)).toEqual([`rows ${before} 1000 `, `rows ${before} 1000 999`]);
  });
});

test('a list of images is gone through a thousand at a time, from behind the last position', async () => {
  for (const [count, asked] of [
    [999, ['items 0 1000']],
    [1000, ['items 0 1000', 'items 1999 1000']],
    [1001, ['items 0 1000', 'items 1999 1000']],
  ] as const) {
    const { calls, choose } = world({ items: many(count), jobs: many(count).map((id) => job(id)) });
    expect(await choose({ kind: 'selection', selection: 's' })).toHaveLength(count);
    expect(calls.filter((call) => call.startsWith('items'))).toEqual(asked);
  }
});

describe('other jobs of the same picture', () => {
  const listed = async (jobs: Job[], items: string[]) => {
    const { calls, choose } = world({ jobs, items });
    const found = await choose({ kind: 'selection', selection: 's' });
    return { ids: found.map(({ id }) => id), asked: calls.filter((call) => call.startsWith('sources')) };
  };
  const source = { container: 'inputimages', name: 'b/one', etag: 'e' };
  const copy = { container: 'renditions', name: 'x', etag: 'e' };

  test('of one are looked for by its name, of a copy by its address, of several among all', async () => {
    const jobs = [
      job('a', 0, { source }),
      job('b', 0, { source }),
      job('c', 0, { source: { ...source, etag: 'f' } }),
    ];
    expect(await listed(jobs, ['a'])).toEqual({ ids: ['a', 'b'], asked: ['sources {"name":"b/one"}'] });
    expect(await listed(jobs, ['a', 'c'])).toEqual({ ids: ['a', 'c', 'b'], asked: ['sources all'] });
    const copies = [
      job('a', 0, { source: copy, imageUrl: 'https://x' }),
      job('b', 0, { source: { ...copy, name: 'y' }, imageUrl: 'https://x' }),
      job('c', 0, { source: copy, imageUrl: 'https://z' }),
    ];
    expect(await listed(copies, ['a'])).toEqual({
      ids: ['a', 'b'],
      asked: ['sources {"imageUrl":"https://x"}'],
    });
  });

  test('are not looked for where no version is known', async () => {
    const jobs = [job('a', 0, { source: { ...source, etag: '' } }), job('b', 0, { source: undefined })];
    expect(await listed(jobs, ['a', 'b'])).toEqual({ ids: ['a', 'b'], asked: [] });
    expect(await listed([], ['a'])).toEqual({ ids: [], asked: [] });
    expect((await listed([...jobs, job('c', 0, { source })], ['c'])).ids).toEqual(['c']);
  });
});
