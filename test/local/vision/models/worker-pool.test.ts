import { afterEach, expect, test } from 'vitest';
import { UndecodableImageError } from '../../../../src/local/vision/analysis.ts';
import { WorkerPool } from '../../../../src/local/vision/models/worker-pool.ts';

const SCRIPTED = new URL('./support/scripted-worker.ts', import.meta.url);
const open: WorkerPool[] = [];

function createPool(workers: number): WorkerPool {
  const pool = new WorkerPool({ workers, entry: SCRIPTED, heapLimitMb: 24 });
  open.push(pool);
  return pool;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.close()));
});

/** Runs an order; `thread` is the worker that served it, `served` how many orders that worker had by then. */
async function run(pool: WorkerPool, order: string, key = order) {
  const { info } = await pool.run({ key, bytes: Buffer.from(order), parts: ['info'] });
  return { thread: info?.width, served: info?.height };
}

test('one worker serves all, in order; two share different images between them', async () => {
  const single = createPool(1);
  const served = await Promise.all(['a', 'b', 'c'].map((order) => run(single, order)));
  expect(served.map((s) => s.served)).toEqual([1, 2, 3]);
  const pair = createPool(2);
  const threads = await Promise.all(['a', 'b', 'c', 'd'].map((order) => run(pair, order)));
  expect(new Set(threads.map((t) => t.thread)).size).toBe(2);
});

test('of the images that wait, a worker takes the one whose pixels it still holds', async () => {
  const pool = createPool(1);
  const finished: string[] = [];
  const note = (name: string) => async (served: Promise<unknown>) => {
    await served;
    finished.push(name);
  };
  await Promise.all([
    note('first')(run(pool, 'x', 'image 1')),
    note('other')(run(pool, 'x', 'image 2')),
    note('same')(run(pool, 'x', 'image 1')),
  ]);
  expect(finished).toEqual(['first', 'same', 'other']);
});

test('the bytes of an image are handed to a worker once, and anew when it has seen another or died', async () => {
  const pool = createPool(1);
  // The scripted worker answers "Gif" where it was given a key alone.
  const format = async (order: string, key: string) =>
    (await pool.run({ key, bytes: Buffer.from(order), parts: ['info'] })).info?.format;
  expect(await format('a', 'image 1')).toBe('Png');
  expect(await format('a', 'image 1')).toBe('Gif');
  expect(await format('a', 'image 2')).toBe('Png');
  expect(await format('a', 'image 1')).toBe('Png');
  await expect(format('not an image', 'image 3')).rejects.toThrow(UndecodableImageError);
  await expect(format('not an image', 'image 3')).rejects.toThrow(UndecodableImageError);
  expect(await format('die when used', 'image 4')).toBe('Png');
});

test('an image under which one worker dies is tried once more in a fresh one', async () => {
  const pool = createPool(1);
  const before = await run(pool, 'a');
  const after = await run(pool, 'die when used');
  expect(after.served).toBe(1);
  expect(after.thread).not.toBe(before.thread);
});

test.each([
  ['exits', 'die', 'exit code 3'],
  ['throws', 'throw', 'boom'],
  ['reports a failure', 'fail', 'no model'],
  ['runs out of memory', 'eat memory', 'ERR_WORKER_OUT_OF_MEMORY'],
])(
  'an image over which each worker %s is given up with the reason, and the next one is served',
  async (_, order, reason) => {
    const pool = createPool(1);
    const [bad, good] = await Promise.allSettled([run(pool, order), run(pool, 'a')]);
    expect(bad).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining(reason) } });
    expect(bad).toMatchObject({ reason: { message: expect.stringContaining('2 times') } });
    expect(good.status).toBe('fulfilled');
  },
);

test('an image that does not decode costs no worker and is not tried again', async () => {
  const pool = createPool(1);
  const before = await run(pool, 'a');
  await expect(run(pool, 'not an image')).rejects.toThrow(UndecodableImageError);
  expect(await run(pool, 'b')).toEqual({ thread: before.thread, served: 3 });
});

test('closing ends what runs and what waits, and refuses what comes', async () => {
  const pool = createPool(1);
  const calls = ['a', 'b'].map((order) => run(pool, order));
  const settled = Promise.allSettled(calls);
  await pool.close();
  for (const outcome of await settled) expect(outcome).toMatchObject({ status: 'rejected' });
  await expect(run(pool, 'c')).rejects.toThrow('closed');
});
