import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ensureAll } from '../../src/storage/ensure.ts';
import { notGenuine } from '../../src/storage/genuine.ts';

/** More than any of the waits between tries here. */
const SLOW_MS = 20;

const answer = (status: number) =>
  Object.assign(new Error(`HTTP ${status}`), {
    statusCode: status,
    response: { status, headers: { get: () => 'id', has: () => true } },
  });

/** An account that answers so to each call, by what is to be created; and how many calls were under way at most. */
function account(says: (name: string, call: number) => Error | undefined) {
  const calls: string[] = [];
  let running = 0;
  let most = 0;
  const ensure = async ([name = '']: readonly string[]) => {
    calls.push(name);
    running += 1;
    most = Math.max(most, running);
    const failure = says(name, calls.filter((one) => one === name).length);
    // A failure comes long before the rest, longer than the wait for the next try: that must not begin before them.
    if (!failure) await delay(SLOW_MS);
    running -= 1;
    if (failure) throw failure;
  };
  return { blobs: { ensure }, tables: { ensure }, queues: { ensure }, calls, most: () => most };
}

const names = { containers: ['c'], tables: ['t1', 't2'], queues: ['q'] };
const all = ['c', 'q', 't1', 't2'];
const quick = [1, 1, 1];

describe('creating what is to be there', () => {
  test('each is asked for once where all is well', async () => {
    const storage = account(() => undefined);
    await ensureAll(storage, names, Date.now, quick);
    expect([...storage.calls].sort()).toEqual(all);
  });

  test.for([429, 500, 503])('HTTP %i is tried again, once the calls beside it have ended', async (status) => {
    const storage = account((name, call) => (name === 't1' && call < 3 ? answer(status) : undefined));
    await ensureAll(storage, names, Date.now, quick);
    expect(storage.calls.filter((name) => name === 't1')).toHaveLength(3);
    expect(storage.most()).toBeLessThanOrEqual(all.length);
  });

  test("an answer that is not the account's own is tried again", async () => {
    const storage = account((name, call) => (name === 'q' && call === 1 ? notGenuine() : undefined));
    await ensureAll(storage, names, Date.now, quick);
    expect(storage.calls.filter((name) => name === 'q')).toHaveLength(2);
  });

  test('a service that stays away is given up after the last wait', async () => {
    const storage = account((name) => (name === 'q' ? answer(503) : undefined));
    // Not toThrow alone: that is content with nothing at all being thrown as the reason.
    await expect(ensureAll(storage, names, Date.now, quick)).rejects.toMatchObject({ statusCode: 503 });
    expect(storage.calls.filter((name) => name === 'q')).toHaveLength(quick.length + 1);
  });

  test('a silent service is given up after its first time-outs, not after all of them', async () => {
    let now = 0;
    const storage = account((name) => {
      if (name !== 'q') return undefined;
      now += 30_000;
      return Object.assign(new Error('silent'), { name: 'AbortError' });
    });
    await expect(ensureAll(storage, names, () => now, quick)).rejects.toThrow('silent');
    expect(storage.calls.filter((name) => name === 'q')).toHaveLength(1);
  });

  test('a refusal is said at once, whatever else is busy', async () => {
    const storage = account((name) => ({ c: answer(503), t2: answer(403) })[name]);
    await expect(ensureAll(storage, names, Date.now, quick)).rejects.toThrow('HTTP 403');
    expect([...storage.calls].sort()).toEqual(all);
  });

  test.for([
    [20_000, 4],
    [20_001, 1],
  ])('after %i ms it is tried %i times at most', async ([tookMs = 0, tries = 0]) => {
    let now = 1_000_000;
    const storage = account((name) => {
      if (name !== 'q') return undefined;
      // The first try alone takes that long.
      if (now === 1_000_000) now += tookMs;
      return answer(503);
    });
    await expect(ensureAll(storage, names, () => now, quick)).rejects.toThrow('HTTP 503');
    expect(storage.calls.filter((name) => name === 'q')).toHaveLength(tries);
  });

  test('between two tries it waits', async () => {
    const at: number[] = [];
    const storage = account((name, call) => {
      if (name === 'q') at.push(performance.now());
      return name === 'q' && call === 1 ? answer(503) : undefined;
    });
    await ensureAll(storage, { ...names, containers: [], tables: [] }, Date.now, [40]);
    const [first = 0, second = 0] = at;
    expect(second - first).toBeGreaterThan(35);
  });
});
