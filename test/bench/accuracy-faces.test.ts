import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { peopleOf, scoreFaces } from '../../bench/accuracy/faces.ts';
import { wilson } from '../../src/domain/interval.ts';
import { createFakeAnalyzer, portrait } from '../local/vision/fake-analyzer.ts';

const folder = await mkdtemp(join(tmpdir(), 'imaginem-accuracy-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

test('people are sub-folders; pairs of one person and of two are counted apart, and a picture without a face is named', async () => {
  const pictures: Record<string, Buffer> = {
    'ana/1.jpg': portrait(1),
    'ana/2.jpg': portrait(1),
    'ben/1.jpg': portrait(2),
    'ben/none.png': portrait(),
    'pages/1.jpg': portrait(),
    'pages/1.txt': Buffer.from('A page'),
  };
  for (const [name, bytes] of Object.entries(pictures)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  const people = await peopleOf(folder);
  expect(people.map(({ name }) => name)).toEqual(['ana', 'ben']);
  const score = await scoreFaces(createFakeAnalyzer(), people, () => {});
  expect(score).toMatchObject({
    people: 2,
    pictures: 4,
    lost: ['ben/none.png'],
    samePairs: 1,
    otherPairs: 2,
  });
  const half = score.at.find(({ confidence }) => confidence === 0.5);
  expect(half?.missed.share).toBe(0);
  expect(half?.wrong.share).toBe(0);
});

test("Wilson's interval holds the share, within 0 and 1, and narrows with the trials", () => {
  fc.assert(
    fc.property(fc.nat(500), fc.integer({ min: 1, max: 500 }), (a, trials) => {
      const hits = Math.min(a, trials);
      const { share, low, high } = wilson(hits, trials);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
      expect(low).toBeLessThanOrEqual(share + 1e-12);
      expect(high).toBeGreaterThanOrEqual(share - 1e-12);
      const more = wilson(hits * 10, trials * 10);
      expect(more.high - more.low).toBeLessThan(high - low);
    }),
  );
  // Brown, Cai and DasGupta (2001): 0 of 10 leaves 0 to 0.278.
  expect(wilson(0, 10).high).toBeCloseTo(0.278, 3);
});
