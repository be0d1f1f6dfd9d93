import { expect, test } from 'vitest';
import { placeOf } from '../../src/dashboard/views/images/use-current.ts';

test('a cell stays the current one while others come and go before it', () => {
  expect(placeOf({ id: 'b', index: 1 }, ['a', 'b', 'c'])).toBe(1);
  expect(placeOf({ id: 'b', index: 1 }, ['new', 'newer', 'a', 'b', 'c'])).toBe(3);
  expect(placeOf({ id: 'b', index: 1 }, ['b'])).toBe(0);
});

test('the place of one that has gone is that of whoever stands there now, the last one at most', () => {
  expect(placeOf({ id: 'b', index: 1 }, ['a', 'c'])).toBe(1);
  expect(placeOf({ id: 'c', index: 2 }, ['a'])).toBe(0);
  expect(placeOf({ id: undefined, index: 0 }, [])).toBe(0);
});
