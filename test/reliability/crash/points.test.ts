import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pointsAt, pointsOf, TURNS, turnOfCommit } from './points.ts';

const names = fc.array(fc.constantFrom('queue send ocr', 'table merge pipelinelogs', 'blob read', 'sql'), {
  minLength: 1,
  maxLength: 60,
});

test('ten runs in a row visit every point once, before and after each request, whichever run is the first', () => {
  fc.assert(
    fc.property(names, fc.nat(1000), (requests, first) => {
      const points = pointsOf(requests);
      expect(points).toHaveLength(new Set(requests).size * 2);
      const visited = Array.from({ length: TURNS }, (_, n) => pointsAt(points, first + n)).flat();
      const keyOf = ({ name, when }: { name: string; when: string }) => `${name} ${when}`;
      expect(visited.map(keyOf).sort()).toEqual(points.map(keyOf).sort());
    }),
  );
});

test('a point that has its turn again is visited in another way', () => {
  const points = pointsOf(['a', 'b', 'c']);
  const modes = [0, 1, 2].map((round) => pointsAt(points, round * TURNS)[0]?.mode);
  expect(new Set(modes).size).toBe(3);
});

test('the turn and the seed are of the commit, unless they are given', () => {
  expect(turnOfCommit({})).toEqual(turnOfCommit({}));
  expect(turnOfCommit({}).turn).toBeGreaterThan(0);
  expect(turnOfCommit({ CRASH_TURN: '7', SEED: '3' })).toEqual({ turn: 7, seed: 3 });
});
