import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readingOrder } from '../../../../src/local/vision/models/reading-order.ts';

const box = (name: string, left: number, top: number, width = 300) => ({
  name,
  left,
  right: left + width,
  top,
  bottom: top + 20,
});
const names = (lines: ReturnType<typeof box>[]) => readingOrder(lines).map((line) => line.name);

test('rows from the top, each from the left, even when a row is not quite level', () => {
  expect(names([box('d', 400, 63), box('c', 0, 60), box('b', 400, 2), box('a', 0, 5)])).toEqual([
    'a',
    'b',
    'c',
    'd',
  ]);
});

test('two columns under a headline are read one after the other', () => {
  const rows = [40, 70, 100, 130];
  const lines = [
    box('headline', 0, 0, 700),
    ...rows.map((top, i) => box(`left ${i}`, 0, top)),
    // The columns' lines need not stand level with each other.
    ...rows.map((top, i) => box(`right ${i}`, 400, top + 11)),
    box('footer', 0, 180, 700),
  ];
  expect(names(lines)).toEqual([
    'headline',
    ...rows.map((_, i) => `left ${i}`),
    ...rows.map((_, i) => `right ${i}`),
    'footer',
  ]);
});

test('two labels beside each other are no columns', () => {
  expect(names([box('a', 0, 0), box('b', 400, 0), box('c', 0, 40), box('d', 400, 40)])).toEqual([
    'a',
    'b',
    'c',
    'd',
  ]);
});

test('no line is lost or doubled, and the order does not depend on that of the input', () => {
  const lines = fc.uniqueArray(
    fc.tuple(fc.nat(40), fc.nat(40)).map(([x, y]) => box(`${x},${y}`, x * 50, y * 25, 120)),
    { selector: (line) => line.name, maxLength: 40 },
  );
  fc.assert(
    fc.property(lines, (all) => {
      const ordered = names(all);
      expect(ordered.toSorted()).toEqual(all.map((line) => line.name).sort());
      expect(names(all.toReversed()).toSorted()).toEqual(ordered.toSorted());
    }),
  );
});

test('the rows of a wide picture are rows though they rise by more than a line from end to end', () => {
  const row = (name: string, top: number) =>
    Array.from({ length: 10 }, (_, i) => box(`${name} ${i}`, i * 900, top - 4 * i));
  const [upper, lower] = [row('upper', 200), row('lower', 260)];
  expect(names([...lower, ...upper].toReversed())).toEqual([...upper, ...lower].map(({ name }) => name));
});
