import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DIMENSIONS, FaceprintIndex } from '../../../../src/local/vision/face/faceprint-index.ts';

const EVERYTHING = { limit: 1000, maxDistance: Number.POSITIVE_INFINITY, upTo: Number.MAX_SAFE_INTEGER };

/** A faceprint with the given numbers in front and zeros behind. */
function print(...front: number[]): Float32Array {
  const values = new Float32Array(DIMENSIONS);
  values.set(front);
  return values;
}

const point = fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: -20, max: 20 }));

test('finds exactly what comparing with every face finds, whatever was added and removed', () => {
  const steps = fc.array(fc.record({ at: point, remove: fc.option(fc.nat(200)) }), { maxLength: 300 });
  fc.assert(
    fc.property(
      steps,
      point,
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 30 }),
      fc.nat(300),
      (history, query, limit, maxDistance, upTo) => {
        const index = new FaceprintIndex();
        const model = new Map<string, { seq: number; at: [number, number] }>();
        history.forEach(({ at, remove }, i) => {
          index.add(i + 1, `face-${i}`, print(...at));
          model.set(`face-${i}`, { seq: i + 1, at });
          if (remove !== null) {
            index.remove(`face-${remove}`);
            model.delete(`face-${remove}`);
          }
        });
        const expected = [...model]
          .map(([id, { seq, at }]) => ({ id, seq, distance: Math.hypot(at[0] - query[0], at[1] - query[1]) }))
          .filter(({ seq, distance }) => seq <= upTo && distance <= maxDistance)
          .sort((a, b) => a.distance - b.distance || a.seq - b.seq)
          .slice(0, limit);
        expect(index.size).toBe(model.size);
        expect(index.nearest(print(...query), { limit, maxDistance, upTo })).toEqual(
          expected.map(({ id, distance }) => ({ id, distance: expect.closeTo(distance, 4) })),
        );
      },
    ),
  );
});

test('a removed face leaves nothing of its print behind', () => {
  const index = new FaceprintIndex();
  index.add(1, 'gone', print(3, 4));
  index.remove('gone');
  index.remove('never there');
  expect(index.size).toBe(0);
  expect(index.nearest(print(3, 4), EVERYTHING)).toEqual([]);
});

test('a search over 100,000 faces takes well under a second', () => {
  const index = new FaceprintIndex();
  let state = 1;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647 - 0.5;
  };
  const values = new Float32Array(DIMENSIONS);
  for (let i = 1; i <= 100_000; i++) {
    for (let d = 0; d < DIMENSIONS; d++) values[d] = random();
    index.add(i, `face-${i}`, values);
  }
  const started = performance.now();
  const found = index.nearest(values, { ...EVERYTHING, limit: 20 });
  const took = performance.now() - started;
  expect(found[0]).toEqual({ id: 'face-100000', distance: 0 });
  expect(found).toHaveLength(20);
  expect(took).toBeLessThan(500);
});
