import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RecentContents } from '../../src/storage/recent-contents.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ten = (fill: number) => Buffer.alloc(10, fill);
const held = (recent: RecentContents, names: string) =>
  [...names].filter((name) => recent.get(name) !== undefined).join('');

test('what was used longest ago goes first, as soon as it is more than may be kept', () => {
  const recent = new RecentContents(30);
  for (const [index, name] of [...'abc'].entries()) recent.keep(name, ten(index));
  expect(recent.get('a')).toEqual(ten(0));
  recent.keep('d', ten(3));
  expect(held(recent, 'abcd')).toBe('acd');
  recent.keep('e', Buffer.alloc(25));
  expect(held(recent, 'acde')).toBe('e');
  recent.keep('f', Buffer.alloc(31));
  expect(held(recent, 'ef')).toBe('e');
  recent.keep('g', Buffer.alloc(5));
  expect(held(recent, 'eg')).toBe('eg');
});

test('what is kept again counts once, and is the newer', () => {
  const recent = new RecentContents(30);
  for (let times = 0; times < 9; times += 1) recent.keep('a', ten(times));
  recent.keep('b', ten(1));
  recent.keep('c', ten(2));
  expect(recent.get('a')).toEqual(ten(8));
  recent.keep('a', Buffer.alloc(31));
  expect(held(recent, 'abc')).toBe('bc');
});

test('a minute after it was last used it has gone, and nothing waits for it', () => {
  const recent = new RecentContents();
  recent.keep('a', ten(1));
  recent.keep('b', ten(2));
  vi.advanceTimersByTime(59_999);
  expect(recent.get('a')).toBeDefined();
  vi.advanceTimersByTime(1);
  expect(held(recent, 'b')).toBe('');
  vi.advanceTimersByTime(59_998);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(1);
  expect(vi.getTimerCount()).toBe(0);
  expect(held(recent, 'a')).toBe('');
});

test('what is dropped has gone, and what is not there can be dropped', () => {
  const recent = new RecentContents(10);
  recent.keep('a', ten(1));
  recent.drop('a');
  recent.drop('a');
  expect(held(recent, 'a')).toBe('');
  expect(vi.getTimerCount()).toBe(0);
  recent.keep('b', ten(2));
  expect(held(recent, 'b')).toBe('b');
});
