import { expect, test } from 'vitest';
import type { ReviewItem } from '../../src/api/contract.ts';
import { atHand, collapse, keyOf } from '../../src/dashboard/views/review/queue.ts';

const place = (face: string) => ({
  face,
  imageId: face,
  batchId: null,
  name: face,
  rectangle: { left: 0, top: 0, width: 1, height: 1 },
  hasCrop: false,
  imageWidth: 10,
  imageHeight: 10,
});
const item = (a: string, b: string, copies = false): ReviewItem => ({
  a: place(a),
  b: place(b),
  confidence: 0.9,
  margin: null,
  worth: { falseCandidates: null, atConfidence: null, faces: 0, source: null },
  copies,
  firstSeen: '2026-11-30T00:00:00.000Z',
});
const shown = (items: readonly ReviewItem[]) =>
  collapse(items).pairs.map(({ item, same }) => [keyOf(item), ...same.map(keyOf)]);

test('two copies of one picture are no pair to decide', () => {
  const { pairs, copies } = collapse([item('a1', 'a2', true), item('a1', 'b')]);
  expect(pairs.map(({ item }) => keyOf(item))).toEqual(['a1 b']);
  expect(copies.map(keyOf)).toEqual(['a1 a2']);
});

test('pairs with copies of the same pictures are decided once, however long the chain of copies is', () => {
  const copies = [item('a1', 'a2', true), item('a2', 'a3', true), item('b1', 'b2', true)];
  expect(shown([item('a1', 'b1'), item('a3', 'b2'), item('a2', 'c'), ...copies])).toEqual([
    ['a1 b1', 'a3 b2'],
    ['a2 c'],
  ]);
});

test('without copies every pair stands by itself, in its order', () => {
  expect(shown([item('a', 'b'), item('a', 'c'), item('b', 'c')])).toEqual([['a b'], ['a c'], ['b c']]);
});

const sure = (name: string, confidence: number | null): ReviewItem => ({
  ...item(name, `${name}x`),
  confidence,
});
const names = (items: readonly ReviewItem[]) => items.map(({ a }) => a.face);
const nothing = new Set<string>();

test('a pair that somebody else has decided is not asked about again, however long the queue is', () => {
  const now = [sure('a', 0.9), sure('b', 0.8), sure('c', 0.7), sure('e', 0.5)];
  const fresh = [sure('a', 0.9), sure('c', 0.7), sure('d', 0.6)];
  // Where the queue goes on, the last one may stand behind what was asked for.
  expect(names(atHand(now, fresh, { more: true, shown: nothing }))).toEqual(['a', 'c', 'e', 'd']);
  expect(names(atHand(now, fresh, { more: false, shown: nothing }))).toEqual(['a', 'c', 'd']);
});

test('the pair on the screen stays there, whatever comes and whoever decides: a key must not answer another', () => {
  const shown = new Set([keyOf(sure('b', 0.8))]);
  const now = [sure('b', 0.8), sure('c', 0.7)];
  expect(names(atHand(now, [sure('new', 0.99), sure('c', 0.7)], { more: false, shown }))).toEqual([
    'b',
    'c',
    'new',
  ]);
});

test('a pair without a score was drawn, and is not drawn every time', () => {
  const now = [sure('drawn', null), sure('a', 0.9)];
  expect(names(atHand(now, [sure('a', 0.9)], { more: true, shown: nothing }))).toEqual(['drawn', 'a']);
});
