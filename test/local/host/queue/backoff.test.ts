import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBackoff } from '../../../../src/local/host/queue/backoff.ts';

test('waits grow from 100 ms to the limit, whatever chance says, and start again after a message', () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(chance, fc.integer({ min: 100, max: 60_000 }), (random, limit) => {
      const backoff = createBackoff(limit, () => random);
      const waits = Array.from({ length: 40 }, () => backoff.next());
      expect(waits[0]).toBe(100);
      expect(waits.at(-1)).toBe(limit);
      expect(waits).toEqual([...waits].sort((a, b) => a - b));
      backoff.reset();
      expect(backoff.next()).toBe(100);
    }),
  );
});

test('the growth is exponential, within a fifth', () => {
  const waits = (random: number) => {
    const backoff = createBackoff(60_000, () => random);
    return Array.from({ length: 4 }, () => Math.round(backoff.next()));
  };
  expect(waits(0.5)).toEqual([100, 200, 400, 800]);
  expect(waits(0)).toEqual([100, 180, 340, 660]);
});
