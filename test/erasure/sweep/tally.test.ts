import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noteSwept, type Receipt } from '../../../src/erasure/receipt.ts';
import { emptyTally, foundIn, noteLeft, noteTraces } from '../../../src/erasure/sweep/tally.ts';

const STORES = ['a', 'b', 'c'];
const page = fc.record({
  counts: fc.dictionary(fc.constantFrom(...STORES), fc.integer({ min: 1, max: 9 }), { minKeys: 1 }),
  /** How much of it was erased each time that a process ended before it was through with the page. */
  crashes: fc.array(fc.nat(3), { maxLength: 3 }),
  left: fc.nat(2),
});

test('a sweep that ends at any moment and goes on reports what was there, and what is left of it', () => {
  fc.assert(
    fc.property(fc.array(page, { maxLength: 8 }), (pages) => {
      let tally = emptyTally();
      const kept = () => {
        tally = JSON.parse(JSON.stringify(tally));
      };
      const expected: Record<string, { found: number; left: number }> = {};
      for (const [index, { counts, crashes, left }] of pages.entries()) {
        let there = { ...counts };
        for (const erased of crashes) {
          noteTraces(tally, `${index}`, there);
          kept();
          there = Object.fromEntries(
            Object.entries(there).flatMap(([store, count]) =>
              count > erased ? [[store, count - erased]] : [],
            ),
          );
        }
        // Where everything had gone before the crash, there is nothing to note any more.
        if (Object.keys(there).length > 0 || crashes.length === 0) noteTraces(tally, `${index}`, there);
        const stays = Object.fromEntries(
          Object.entries(there).map(([store, n]) => [store, Math.min(n, left)]),
        );
        noteLeft(tally, stays);
        kept();
        for (const [store, count] of Object.entries(counts)) {
          const sum = expected[store] ?? { found: 0, left: 0 };
          expected[store] = { found: sum.found + count, left: sum.left + (stays[store] ?? 0) };
        }
      }
      expect(foundIn(tally)).toEqual(expected);
    }),
  );
});

test('what a sweep found stands in the receipt on top of what was counted before, and what it could not see as unknown', () => {
  const receipt: Receipt = {
    ...{ id: 'r', kind: 'image', state: 'provisional', askedBy: 'a', askedAt: '', images: 1, idsHash: '' },
    ...{ queues: [], beyond: [], stores: [{ store: 'a', found: 3, deleted: 3, remaining: 0 }] },
  };
  noteSwept(receipt, { a: { found: 2, left: 1 }, b: { found: 1, left: 0 } }, { c: 'away' });
  expect(receipt.stores).toEqual([
    { store: 'a', found: 5, deleted: 4, remaining: 1, why: expect.stringMatching(/not be deleted yet/) },
    { store: 'b', found: 1, deleted: 1, remaining: 0 },
    { store: 'c', found: 0, deleted: 0, remaining: null, why: 'away' },
  ]);
});
