import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Isolation, turnOf } from '../../../src/pipeline/delivery/isolation.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('of any two messages delivered together each goes first at one of two deliveries', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), fc.integer({ min: 1, max: 50 }), (one, other, count) => {
      fc.pre(one !== other);
      const first = turnOf(one, count) < turnOf(other, count);
      expect(turnOf(one, count + 1) < turnOf(other, count + 1)).toBe(!first);
    }),
  );
});

test('those of one batch are worked on one at a time, in their turn, a failure no hindrance', async () => {
  const isolation = new Isolation();
  const log: string[] = [];
  const work = (name: string) => async () => {
    log.push(`${name} begins`);
    await Promise.resolve();
    log.push(`${name} ends`);
    if (name === 'b') throw new Error('b fails');
  };
  const never = async () => {
    log.push('put back');
  };
  const all = Promise.allSettled([
    isolation.run(0.9, work('c'), never),
    isolation.run(0.1, work('a'), never),
    isolation.run(0.5, work('b'), never),
  ]);
  await vi.advanceTimersByTimeAsync(1000);
  expect((await all).map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  const later = isolation.run(0.2, work('d'), never);
  await vi.advanceTimersByTimeAsync(1000);
  await later;
  expect(log.slice(-2)).toEqual(['d begins', 'd ends']);
});

test('one whose turn does not come within a minute is put back, and is not worked on', async () => {
  const isolation = new Isolation();
  const log: string[] = [];
  const gate = Promise.withResolvers<void>();
  const slow = isolation.run(
    0,
    () => gate.promise,
    async () => {},
  );
  await vi.advanceTimersByTimeAsync(300);
  const late = isolation.run(
    0,
    async () => void log.push('worked on'),
    async () => void log.push('put back'),
  );
  await vi.advanceTimersByTimeAsync(60_000);
  await late;
  gate.resolve();
  await slow;
  expect(log).toEqual(['put back']);
});

test('the first waits for its neighbours for a quarter of a second, and nobody longer than a minute', async () => {
  const isolation = new Isolation();
  const log: string[] = [];
  const gate = Promise.withResolvers<void>();
  const run = (name: string, turn: number) =>
    isolation.run(
      turn,
      async () => {
        log.push(name);
        if (name === 'first') await gate.promise;
      },
      async () => void log.push(`${name} put back`),
    );
  const all = [run('second', 0.9), run('first', 0.1)];
  await vi.advanceTimersByTimeAsync(249);
  expect(log).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(log).toEqual(['first']);
  // Of another delivery: whoever is at work is not waited for a second time.
  all.push(run('third', 0.5));
  await vi.advanceTimersByTimeAsync(59_749);
  expect(log).toEqual(['first']);
  await vi.advanceTimersByTimeAsync(1);
  expect(log).toEqual(['first', 'second put back']);
  gate.resolve();
  await vi.advanceTimersByTimeAsync(0);
  expect(log.slice(2)).toEqual(['third']);
  await Promise.all(all);
  // Nothing is left of those who had their turn.
  expect(vi.getTimerCount()).toBe(0);
});

test('a turn is the place of the id among all there could be, and the other way round at the next delivery', () => {
  expect([1, 2, 3].map((count) => Number(turnOf('a', count).toFixed(4)))).toEqual([0.7914, 0.2086, 0.7914]);
});
