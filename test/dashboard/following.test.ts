import { expect, test } from 'vitest';
import { followingOf } from '../../src/dashboard/views/candidates/following.ts';

const ids = ['a', 'b', 'c'];

test('who puts off one after the other comes to all of them', () => {
  expect(ids.map((id) => followingOf(ids, id))).toEqual(['b', 'c', 'a']);
});

test('after one that is judged, and in the list no more, comes the first', () => {
  expect(followingOf(['b', 'c'], 'a')).toBe('b');
});

test('where there is no other, none follows', () => {
  expect(followingOf([], 'a')).toBeUndefined();
  expect(followingOf(['a'], 'a')).toBeUndefined();
});
