import fc from 'fast-check';
import { expect, test } from 'vitest';
import { QuantisedFaces, quantise } from '../../../../src/local/vision/face/quantised-faces.ts';
import { faceDistance } from '../../../../src/local/vision/models/similarity.ts';

/** Numbers of a faceprint, some of them beyond what a byte stands for. */
const print = fc
  .tuple(fc.integer(), fc.double({ min: 0.01, max: 0.7, noNaN: true }))
  .map(([seed, size]) =>
    Float32Array.from({ length: 128 }, (_, i) => Math.sin(seed * 7.13 + i * i * 0.37) * size),
  );

test('whatever is among the nearest is among the candidates: newer and wiped faces never are', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ print, wiped: fc.boolean(), gap: fc.integer({ min: 1, max: 3 }) }), {
        maxLength: 80,
      }),
      print,
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom(0.2, 0.6, Number.POSITIVE_INFINITY),
      fc.nat(160),
      (rows, query, limit, maxDistance, upTo) => {
        const faces = new QuantisedFaces();
        let seq = 0;
        const known = rows.map((row) => {
          seq += row.gap;
          faces.add(seq, row.print);
          return { ...row, seq };
        });
        for (const row of known) if (row.wiped) faces.wipe(row.seq);
        const there = known.filter((row) => !row.wiped && row.seq <= upTo);
        const nearest = there
          .map((row) => ({ seq: row.seq, distance: faceDistance(row.print, query) }))
          .filter(({ distance }) => distance <= maxDistance)
          .sort((a, b) => a.distance - b.distance || a.seq - b.seq)
          .slice(0, limit);
        const found = faces.search(query, { limit, maxDistance, upTo });
        expect(found).toEqual(expect.arrayContaining(nearest.map((row) => row.seq)));
        for (const candidate of found) expect(there.map((row) => row.seq)).toContain(candidate);
        expect(faces.live).toBe(known.filter((row) => !row.wiped).length);
      },
    ),
  );
});

test('few of many are candidates, for the error of a byte is small', () => {
  const faces = new QuantisedFaces();
  for (let seq = 1; seq <= 20_000; seq++)
    faces.add(
      seq,
      Float32Array.from({ length: 128 }, (_, i) => Math.sin(seq * 12.9898 + i * seq * 0.7) * 0.12),
    );
  const query = Float32Array.from(
    { length: 128 },
    (_, i) => Math.sin(777 * 12.9898 + i * 777 * 0.7) * 0.12 + 0.001,
  );
  const found = faces.search(query, { limit: 20, maxDistance: Number.POSITIVE_INFINITY, upTo: 1e9 });
  expect(found).toContain(777);
  expect(found.length).toBeLessThan(1000);
  expect(quantise(query).error).toBeLessThan(0.02);
});

test('a face is added once, and only behind those that are there', () => {
  const faces = new QuantisedFaces();
  const one = new Float32Array(128).fill(0.1);
  expect(faces.add(5, one)).toBeDefined();
  expect(faces.add(5, one)).toBeUndefined();
  expect(faces.add(4, one)).toBeUndefined();
  expect(faces.wipe(4)).toBeUndefined();
  expect(faces.wipe(5)).toBe(0);
  expect(faces.wipe(5)).toBeUndefined();
  expect(faces.lastSeq).toBe(5);
});
