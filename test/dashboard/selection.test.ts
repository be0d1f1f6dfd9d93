import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  choose,
  countOf,
  extend,
  isEmpty,
  isSelected,
  NONE,
  type Selection,
  toggle,
} from '../../src/dashboard/views/images/selection.ts';

const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
const start: fc.Arbitrary<Selection> = fc.oneof(
  fc.subarray(ids).map((some): Selection => ({ kind: 'some', ids: new Set(some) })),
  fc.subarray(ids).map((some): Selection => ({ kind: 'all', query: 'batch=x', without: new Set(some) })),
);
const chosenOf = (selection: Selection) => ids.filter((id) => isSelected(selection, id));

test('what is toggled twice is as it was, and nothing else changes', () => {
  fc.assert(
    fc.property(start, fc.constantFrom(...ids), (selection, id) => {
      const once = toggle(selection, id);
      expect(isSelected(once, id)).toBe(!isSelected(selection, id));
      expect(chosenOf(once).filter((one) => one !== id)).toEqual(
        chosenOf(selection).filter((one) => one !== id),
      );
      expect(chosenOf(toggle(once, id))).toEqual(chosenOf(selection));
    }),
  );
});

test('a stretch is chosen, or not, from either end, and nothing outside of it changes', () => {
  const place = fc.nat({ max: ids.length - 1 });
  fc.assert(
    fc.property(start, place, place, fc.boolean(), (selection, from, to, chosen) => {
      const next = extend(selection, ids, from, to, chosen);
      expect(chosenOf(extend(selection, ids, to, from, chosen))).toEqual(chosenOf(next));
      for (const [index, id] of ids.entries()) {
        const inside = index >= Math.min(from, to) && index <= Math.max(from, to);
        expect(isSelected(next, id)).toBe(inside ? chosen : isSelected(selection, id));
      }
    }),
  );
});

test('the count is of what would be acted on', () => {
  fc.assert(
    fc.property(start, (selection) => {
      expect(countOf(selection, ids.length)).toBe(chosenOf(selection).length);
    }),
  );
  expect(isEmpty(NONE)).toBe(true);
  expect(isEmpty(choose(NONE, ['a'], true))).toBe(false);
  expect(isEmpty({ kind: 'all', query: '', without: new Set() })).toBe(false);
});
