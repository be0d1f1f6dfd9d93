import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { DecodeBudget } from '../../src/imaging/decode-budget.ts';

const gate = () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, open: resolve };
};

test('a process has a billion bytes, and waits for a minute', async () => {
  const budget = new DecodeBudget();
  expect(() => budget.check(1_000_000_000)).not.toThrow();
  expect(() => budget.check(1_000_000_001)).toThrow(/about 1,001 MB of memory; at most 1,000 MB/);
  const first = gate();
  const holding = budget.within(1_000_000_000, first.work);
  const spy = vi.spyOn(globalThis, 'setTimeout');
  try {
    const second = budget.within(1, async () => 'done');
    await turn();
    expect(spy.mock.calls.map(([, ms]) => ms)).toContain(60_000);
    expect([budget.taken, budget.waiting]).toEqual([1_000_000_000, 1]);
    first.open();
    await holding;
    expect(await second).toBe('done');
  } finally {
    spy.mockRestore();
  }
  expect([budget.taken, budget.waiting]).toEqual([0, 0]);
});

describe('room', () => {
  test('is there up to the last byte', async () => {
    const budget = new DecodeBudget(10);
    await expect(budget.within(11, async () => 'never')).rejects.toMatchObject({
      code: 'ImageNeedsTooMuchMemory',
    });
    expect(await budget.within(10, async () => 'all of it')).toBe('all of it');
    const [one, two, three] = [gate(), gate(), gate()];
    const all = [budget.within(4, one.work), budget.within(6, two.work), budget.within(1, three.work)];
    await turn();
    expect([budget.taken, budget.waiting]).toEqual([10, 1]);
    one.open();
    await all[0];
    await turn();
    expect([budget.taken, budget.waiting]).toEqual([7, 0]);
    two.open();
    three.open();
    await Promise.all(all);
    expect(budget.taken).toBe(0);
  });

  test('goes to whoever came first, though a later one would fit', async () => {
    const budget = new DecodeBudget(10);
    const [one, large, small] = [gate(), gate(), gate()];
    const all = [budget.within(6, one.work), budget.within(8, large.work), budget.within(2, small.work)];
    await turn();
    expect([budget.taken, budget.waiting]).toEqual([6, 2]);
    one.open();
    await all[0];
    await turn();
    expect([budget.taken, budget.waiting]).toEqual([10, 0]);
    large.open();
    small.open();
    await Promise.all(all);
  });

  test('that grows is given out at once', async () => {
    const budget = new DecodeBudget(10);
    const [one, two] = [gate(), gate()];
    const all = [budget.within(6, one.work), budget.within(6, two.work)];
    await turn();
    expect(budget.waiting).toBe(1);
    budget.limit = 12;
    await turn();
    expect([budget.taken, budget.waiting]).toEqual([12, 0]);
    one.open();
    two.open();
    await Promise.all(all);
  });

  test('is given back where the work fails, and what a result keeps counts only within a piece of work', async () => {
    const budget = new DecodeBudget(10);
    await expect(budget.within(6, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(budget.taken).toBe(0);
    await budget.within(
      6,
      async () => 'pixels',
      () => 4,
    );
    expect(budget.taken).toBe(0);
    await budget.piece(async () => {
      await budget.within(
        6,
        async () => 'pixels',
        () => 4,
      );
      await budget.within(
        3,
        async () => 'pixels',
        () => 2,
      );
      expect(budget.taken).toBe(6);
      // A piece within a piece is the same.
      await budget.piece(() =>
        budget.within(
          1,
          async () => 'pixels',
          () => 1,
        ),
      );
      expect(budget.taken).toBe(7);
      await budget.within(1, async () => 'nothing');
      expect(budget.taken).toBe(7);
    });
    expect(budget.taken).toBe(0);
    await expect(
      budget.piece(async () => {
        await budget.within(
          6,
          async () => 'pixels',
          () => 4,
        );
        throw new Error('broken');
      }),
    ).rejects.toThrow('broken');
    expect(budget.taken).toBe(0);
  });

  test('is not waited for by who holds some, also where it began to wait before', async () => {
    const budget = new DecodeBudget(10);
    const [other, inner, late] = [gate(), gate(), gate()];
    const holding = budget.within(8, other.work);
    const order: string[] = [];
    const piece = budget.piece(() =>
      Promise.all([
        budget.within(2, async () => {
          order.push('first');
          await inner.work();
        }),
        budget.within(9, async () => void order.push('beyond')),
      ]),
    );
    const waiting = budget.within(1, late.work);
    await turn();
    expect(order.sort()).toEqual(['beyond', 'first']);
    expect([budget.taken, budget.waiting]).toEqual([10, 1]);
    other.open();
    inner.open();
    late.open();
    await Promise.all([holding, piece, waiting]);
    expect([budget.taken, budget.waiting]).toEqual([0, 0]);
  });

  test('is not waited for by who holds a single byte', async () => {
    const budget = new DecodeBudget(10);
    const [other, own] = [gate(), gate()];
    const holding = budget.within(9, other.work);
    const piece = budget.piece(() => budget.within(1, () => budget.within(5, own.work)));
    await turn();
    expect([budget.taken, budget.waiting]).toEqual([15, 0]);
    other.open();
    own.open();
    await Promise.all([holding, piece]);
    expect([budget.taken, budget.waiting]).toEqual([0, 0]);
  });

  test('that does not come is given up; whoever waited behind moves up at that moment', async () => {
    vi.useFakeTimers();
    try {
      const budget = new DecodeBudget(10, 1000);
      const one = gate();
      const holding = budget.within(6, one.work);
      const large = budget.within(8, async () => 'large').catch((error: Error) => error);
      await vi.advanceTimersByTimeAsync(500);
      const small = budget.within(4, async () => 'small');
      expect(budget.waiting).toBe(2);
      await vi.advanceTimersByTimeAsync(499);
      expect(budget.waiting).toBe(2);
      await vi.advanceTimersByTimeAsync(1);
      expect(await large).toMatchObject({
        ...{ code: 'DecodingBusy', retryAfterMs: 10_000 },
        message: 'Other images are being decoded, and there is no memory for this one yet.',
      });
      expect(await small).toBe('small');
      expect([budget.taken, budget.waiting]).toEqual([6, 0]);
      expect(vi.getTimerCount(), 'no timer is left').toBe(0);
      one.open();
      await holding;
      expect(budget.taken).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('is held where something is decoded, and only there', async () => {
    const budget = new DecodeBudget(10);
    expect(() => budget.assertHeld()).toThrow(/outside of the budget/);
    await budget.piece(async () => {
      expect(() => budget.assertHeld()).toThrow(/outside of the budget/);
      await budget.within(1, async () => budget.assertHeld());
      expect(() => budget.assertHeld(), 'no longer').toThrow(/outside of the budget/);
    });
  });
});
