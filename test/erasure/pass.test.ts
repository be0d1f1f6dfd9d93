import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { RateLimitedError, UnavailableError } from '../../src/domain/errors.ts';
import { SettingsError } from '../../src/domain/settings.ts';
import { leaseIn } from '../../src/erasure/hold.ts';
import { eraseFrom } from '../../src/erasure/pass.ts';
import { patiently } from '../../src/erasure/patience.ts';
import type { Place } from '../../src/erasure/place.ts';
import { judgeQueues, lookAtQueues, queuesAreDone } from '../../src/erasure/queues.ts';
import { noteSwept, type Receipt, remainingOf } from '../../src/erasure/receipt.ts';
import { targetOf } from '../../src/erasure/subjects.ts';

const { signal } = new AbortController();
const receiptOf = (more: Partial<Receipt> = {}): Receipt => ({
  ...{ id: 'r', kind: 'image', state: 'running', askedBy: 'a', askedAt: '', images: 1, idsHash: '' },
  ...{ stores: [], queues: [], beyond: [], ...more },
});
const subject = (id: string) => ({ id, batchId: 'b', imageUrl: `u/${id}` });
const target = targetOf([subject('a')]);

describe('a pass', () => {
  /** Places with so many things each, what is done to them in order, and a hold that notes when it is written. */
  function scene(
    counts: Record<string, number | Error>,
    more: Partial<{ counted: boolean; placesDone: number }> = {},
  ) {
    const calls: string[] = [];
    const there = { ...counts };
    const tell = (name: string) => {
      const count = there[name];
      if (count instanceof Error) throw count;
      return count ?? 0;
    };
    const clock = { now: 0, perErase: 0 };
    const place = (name: string): Place => ({
      stores: [{ name, holds: '', kept: '' }],
      count: async () => {
        calls.push(`count ${name}`);
        return { [name]: tell(name) };
      },
      erase: async () => {
        calls.push(`erase ${name}`);
        tell(name);
        there[name] = 0;
        clock.now += clock.perErase;
      },
    });
    const entry = { receipt: receiptOf(), counted: false, placesDone: 0, ...more };
    const hold = { entry, keep: async () => void calls.push(`keep ${entry.counted} ${entry.placesDone}`) };
    const places = Object.keys(counts).map(place);
    const run = (until = signal) =>
      eraseFrom(places, hold as never, target, { signal: until, clock: () => clock.now });
    return { calls, entry, run, clock, there, places };
  }

  test('counts every place and writes that down before it erases, and only where something is', async () => {
    const { calls, entry, run } = scene({ a: 2, b: 0, c: 1 });
    await run();
    const counted = ['count a', 'count b', 'count c', 'keep true 0'];
    expect(calls).toEqual([...counted, 'erase a', 'count a', 'erase c', 'count c']);
    expect(entry.receipt.stores).toEqual([
      { store: 'a', found: 2, deleted: 2, remaining: 0 },
      { store: 'b', found: 0, deleted: 0, remaining: 0 },
      { store: 'c', found: 1, deleted: 1, remaining: 0 },
    ]);
    expect(entry).toMatchObject({ counted: false, placesDone: 0 });
  });

  test('that finds nothing writes nothing', async () => {
    const { calls, run } = scene({ a: 0, b: 0 });
    await run();
    expect(calls).toEqual(['count a', 'count b']);
  });

  test('writes down a single thing before it goes; of a place with two stores, one with something is enough', async () => {
    const { calls, run } = scene({ a: 1 });
    await run();
    expect(calls).toEqual(['count a', 'keep true 0', 'erase a', 'count a']);
    const two = scene({ a: 1 });
    const [place] = two.places;
    if (place)
      Object.assign(place, {
        stores: ['none', 'a'].map((name) => ({ name, holds: '', kept: '' })),
        count: async () => ({ none: 0, a: two.there.a }),
      });
    await two.run();
    expect(two.calls).toContain('erase a');
  });

  test('that was interrupted counts nothing anew, and goes on behind the places that are done', async () => {
    const { calls, entry, run } = scene({ a: 1, b: 1, c: 1 }, { counted: true, placesDone: 2 });
    entry.receipt.stores = ['a', 'b', 'c'].map((store) => ({ store, found: 3, deleted: 0, remaining: 3 }));
    await run();
    expect(calls).toEqual(['erase c', 'count c']);
    expect(entry.receipt.stores.at(-1)).toEqual({ store: 'c', found: 3, deleted: 3, remaining: 0 });
  });

  test('writes down how far it is once a second', async () => {
    for (const [ms, kept] of [
      [999, ['keep true 0', 'keep true 2']],
      [1000, ['keep true 0', 'keep true 1', 'keep true 2', 'keep true 3']],
    ] as const) {
      const { calls, run, clock } = scene({ a: 1, b: 1, c: 1 });
      clock.perErase = ms;
      await run();
      expect(calls.filter((call) => call.startsWith('keep'))).toEqual(kept);
    }
  });

  test('says what it could not count, leaves that alone, and does not hold up the others', async () => {
    for (const away of [new UnavailableError('X' as never, 'No approval.'), new SettingsError('No key.')]) {
      const { calls, entry, run } = scene({ a: away, b: 1 });
      await run();
      expect(calls).toEqual(['count a', 'count b', 'keep true 0', 'erase b', 'count b']);
      expect(entry.receipt.stores[0]).toEqual({
        ...{ store: 'a', found: 0, deleted: 0, remaining: null },
        why: `It could not be counted: ${away.message}`,
      });
    }
    const other = scene({ a: new Error('broken'), b: 1 });
    await expect(other.run()).rejects.toThrow('broken');
    expect(other.calls).toEqual(['count a']);
  });

  test('says what is still there after it was erased', async () => {
    const { entry, run, places, there } = scene({ a: 2 });
    const [place] = places;
    if (place) Object.assign(place, { erase: async () => void Object.assign(there, { a: 1 }) });
    await run();
    expect(entry.receipt.stores).toEqual([
      {
        ...{ store: 'a', found: 2, deleted: 1, remaining: 1 },
        why: 'It could not be deleted yet, or was written meanwhile.',
      },
    ]);
  });

  test('ends with its signal before it touches anything', async () => {
    const { calls, run } = scene({ a: 1 });
    await expect(run(AbortSignal.abort())).rejects.toThrow();
    expect(calls).toEqual([]);
  });
});

test('a service that asks to wait is waited for as long as it asks, half a minute at most', async () => {
  const waits: unknown[] = [];
  const spy = vi.spyOn(timers, 'setTimeout').mockImplementation(async (ms) => void waits.push(ms) as never);
  syncBuiltinESMExports();
  try {
    const asks = [5, 30_000, 30_001, 3_600_000];
    const work = async () => {
      const ms = asks.shift();
      if (ms !== undefined) throw new RateLimitedError('Slow down.', ms);
      return 'done';
    };
    expect(await patiently(work, signal)).toBe('done');
  } finally {
    spy.mockRestore();
    syncBuiltinESMExports();
  }
  expect(waits).toEqual([5, 30_000, 30_000, 30_000]);
});

test('a lease ends when it says so, and one that is not there has ended', () => {
  expect(leaseIn({ leaseUntil: '2026-01-01T00:00:00.000Z' })).toBe(Date.UTC(2026, 0, 1));
  for (const leaseUntil of [undefined, '', 'never']) expect(leaseIn({ leaseUntil })).toBe(0);
});

describe('queues', () => {
  test('are looked at, the first alone; one that is not there is empty', async () => {
    const asked: string[] = [];
    let [under, most] = [0, 0];
    const queues = {
      look: async (queue: string) => {
        asked.push(queue);
        under += 1;
        most = Math.max(most, under);
        if (queue === 'a') expect(asked).toEqual(['a']);
        await new Promise(setImmediate);
        if (queue === 'a') expect(asked).toEqual(['a']);
        under -= 1;
        return queue === 'b' ? undefined : { messages: 2, visible: [{ text: 't' }, { text: 'u' }] };
      },
    } as never;
    expect(await lookAtQueues(['a', 'b', 'c'], queues)).toEqual([
      { queue: 'a', messages: 2, texts: ['t', 'u'] },
      { queue: 'b', messages: 0, texts: [] },
      { queue: 'c', messages: 2, texts: ['t', 'u'] },
    ]);
    expect(most).toBe(2);
    expect(await lookAtQueues([], queues)).toEqual([]);
  });

  test('are confirmed where all of them was seen and none is about the images', () => {
    const own = JSON.stringify({ job_definition: { id: 'a' } });
    const look = (messages: number, ...texts: string[]) => ({ queue: 'q', messages, texts });
    const judged = [look(0), look(2, '{}', '{}'), look(2, '{}'), look(2, '{}', own), look(1, own)];
    expect(judgeQueues(judged, target).map(({ confirmed, messages }) => [confirmed, messages])).toEqual([
      ...[
        [true, 0],
        [true, 2],
        [false, 2],
        [false, 2],
        [false, 1],
      ],
    ]);
  });

  test('are done when each is confirmed, or once an outage of the longest kind has passed since the erasure', () => {
    const queue = (confirmed: boolean) => ({ queue: 'q', messages: 1, confirmed });
    const erasedAt = '2026-01-01T00:00:00.000Z';
    const done = (confirmed: boolean[], hours: number, at: string | undefined = erasedAt) =>
      queuesAreDone(
        receiptOf({ queues: confirmed.map(queue), ...(at !== undefined && { erasedAt: at }) }),
        2,
        Date.parse(erasedAt) + hours * 3_600_000,
      );
    expect(done([true, true], 0)).toBe(true);
    expect(done([], 0)).toBe(true);
    expect(done([true, false], 2)).toBe(false);
    expect(done([true, false], 2 + 1 / 3_600_000)).toBe(true);
    expect(done([false], 100, ''), 'of one that is not erased').toBe(false);
  });
});

test('a receipt says on top of what could not be counted what a sweep has found', () => {
  const receipt = receiptOf({ stores: [{ store: 'a', found: 1, deleted: 0, remaining: null, why: 'away' }] });
  noteSwept(receipt, { a: { found: 2, left: 1 } }, {});
  expect(receipt.stores).toEqual([
    {
      ...{ store: 'a', found: 3, deleted: 1, remaining: 1 },
      why: 'It could not be deleted yet, or was written meanwhile.',
    },
  ]);
  expect([remainingOf(receipt, 'a'), remainingOf(receipt, 'other')]).toEqual([1, null]);
});
