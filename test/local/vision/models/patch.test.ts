import { expect, test } from 'vitest';
import { chance } from '../../../../scripts/chance.ts';
import { cutPatch } from '../../../../src/local/vision/models/patch.ts';

/** A picture of chance, and the same with a black border of `border` pixels. */
function pictures(side: number, border: number) {
  const random = chance(1);
  const inner = Uint8Array.from({ length: side * side * 3 }, () => random.whole(0, 255));
  const wide = side + 2 * border;
  const outer = new Uint8Array(wide * wide * 3);
  for (let row = 0; row < side; row++)
    outer.set(inner.subarray(row * side * 3, (row + 1) * side * 3), ((row + border) * wide + border) * 3);
  return {
    bare: { data: inner, width: side, height: side },
    framed: { data: outer, width: wide, height: wide },
  };
}

test.each([
  ['of the same size, turned', 0.9, 0.4],
  ['shrunk', 2.5, -0.6],
  ['much shrunk', 7, 1],
])('a patch %s is the same whether black lies outside of the picture or is part of it', (_, a, b) => {
  const [border, side] = [400, 40];
  const { bare, framed } = pictures(120, border);
  const [tx, ty] = [-30.3, -20.7];
  // The second patch lies within its picture, the first does not.
  const cut = cutPatch(bare, { a, b, tx, ty }, side);
  const within = cutPatch(framed, { a, b, tx: tx + border, ty: ty + border }, side);
  expect(Math.max(...cut.map((value, i) => Math.abs(value - (within[i] ?? -1))))).toBeLessThan(1e-3);
  expect(Math.max(...cut)).toBeGreaterThan(50);
});
