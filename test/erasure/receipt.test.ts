import { describe, expect, test } from 'vitest';
import {
  newReceiptId,
  noteFound,
  noteRemaining,
  noteSwept,
  noteUnknown,
  type Receipt,
  remainingIn,
} from '../../src/erasure/receipt.ts';
import { daysOf } from '../../src/erasure/select.ts';
import { hashOfIds } from '../../src/erasure/subjects.ts';

const receipt = (): Receipt => ({
  ...{ id: 'r', kind: 'image', state: 'running', askedBy: 'a', askedAt: '', images: 1, idsHash: '' },
  ...{ stores: [], queues: [], beyond: [] },
});

describe('a receipt', () => {
  test('says of each store what was found, what is gone and what is left, pass after pass', () => {
    const one = receipt();
    noteFound(one, { a: 3, b: 0 });
    expect(one.stores).toEqual([
      { store: 'a', found: 3, deleted: 0, remaining: 3 },
      { store: 'b', found: 0, deleted: 0, remaining: 0 },
    ]);
    noteRemaining(one, { a: 1, b: 0 }, 'not yet');
    expect(one.stores[0]).toEqual({ store: 'a', found: 3, deleted: 2, remaining: 1, why: 'not yet' });
    expect(one.stores[1]).not.toHaveProperty('why');
    // Between the passes one more was written.
    noteFound(one, { a: 2 });
    expect(one.stores[0]).toMatchObject({ found: 4, deleted: 2, remaining: 2 });
    noteRemaining(one, { a: 0 }, 'not yet');
    expect(one.stores[0]).toEqual({ store: 'a', found: 4, deleted: 4, remaining: 0 });
    noteRemaining(one, { b: 2 });
    expect(one.stores[1], 'written meanwhile').toEqual({ store: 'b', found: 2, deleted: 0, remaining: 2 });
    expect(one.stores).toHaveLength(2);
  });

  test('forgets why something remained once it is counted again, and tells it of every store', () => {
    const one = receipt();
    noteRemaining(one, { a: 1, b: 2, c: 0 }, 'not yet');
    expect(one.stores.map(({ why }) => why)).toEqual(['not yet', 'not yet', undefined]);
    noteFound(one, { a: 1 });
    noteRemaining(one, { b: 1 });
    for (const store of one.stores) expect(store).not.toHaveProperty('why');
    noteSwept(one, { a: { found: 1, left: 0 }, d: { found: 1, left: 1 } }, { e: 'away', f: 'shut' });
    expect(one.stores.map(({ store, why }) => [store, why])).toEqual([
      ...[
        ['a', undefined],
        ['b', undefined],
        ['c', undefined],
      ],
      ['d', 'It could not be deleted yet, or was written meanwhile.'],
      ...[
        ['e', 'away'],
        ['f', 'shut'],
      ],
    ]);
  });

  test('is not through while something is left, or could not be counted', () => {
    const one = receipt();
    expect(remainingIn(one)).toBe(0);
    noteFound(one, { a: 2, b: 0 });
    expect(remainingIn(one)).toBe(2);
    noteRemaining(one, { a: 0 });
    expect(remainingIn(one)).toBe(0);
    noteUnknown(one, ['c', 'a'], 'away');
    expect(remainingIn(one)).toBe(2);
    expect(one.stores.find(({ store }) => store === 'c')).toMatchObject({ remaining: null, why: 'away' });
  });

  test('has an id that keeps the order of time, and no two the same', () => {
    const ids = [1, 2, 3, 3].map((day) => newReceiptId(Date.UTC(2026, 0, day)));
    expect(new Set(ids).size).toBe(4);
    expect(ids.slice(0, 3)).toEqual(ids.slice(0, 3).sort());
  });

  test('proves which images it was about, in whatever order they came', () => {
    expect(hashOfIds(['a', 'b'])).toBe(hashOfIds(new Set(['b', 'a'])));
    expect(hashOfIds(['a', 'b'])).not.toBe(hashOfIds(['ab']));
    expect(hashOfIds(['a'])).not.toBe(hashOfIds(['b']));
  });
});

test('of several rules the one with the longest fitting prefix counts, and the general one where none fits', () => {
  const byBatch = [
    { prefix: 'c', days: 9 },
    { prefix: 'camp', days: 1 },
    { prefix: 'camp-north', days: 5 },
  ];
  const days = (batch: string, general?: number) =>
    daysOf(batch, { byBatch, ...(general !== undefined && { days: general }) });
  expect(['camp-north/a', 'camp', 'cam', 'other'].map((batch) => days(batch, 30))).toEqual([5, 1, 9, 30]);
  expect(days('other')).toBeUndefined();
  expect(byBatch.map(({ prefix }) => prefix)).toEqual(['c', 'camp', 'camp-north']);
});
