import { afterAll, beforeAll, expect, test } from 'vitest';
import { seeded } from '../random.ts';
import { CrashLab, NEVER } from './cells.ts';
import { pointsAt, pointsOf, TURNS, turnOfCommit } from './points.ts';

const { turn, seed } = turnOfCommit();
let lab: CrashLab;
beforeAll(async () => {
  lab = await CrashLab.open(seed);
});
afterAll(() => lab?.close());

test(`a host killed at every ${TURNS}th point, in turn, loses nothing and does nothing twice (CRASH_TURN=${turn} SEED=${seed})`, {
  timeout: 900_000,
}, async () => {
  const rehearsal = await lab.run({ n: NEVER, when: 'before', mode: 'plain' });
  expect(rehearsal.killed).toBe(false);
  const points = pointsOf(rehearsal.names ?? []);
  // Fewer would mean that requests pass by the wire: `npm run crash:all` walks over every single one.
  expect(points.length).toBeGreaterThan(60);
  for (const table of ['pipelinelogs', 'jobindex', 'joblinks', 'faceindex'])
    expect(
      points.some(({ name }) => name.includes(` ${table}`)),
      `a point at a write to ${table}`,
    ).toBe(true);
  const random = seeded(seed);
  let kills = 0;
  const cells = pointsAt(points, turn);
  for (const { name, when, occurrences, mode } of cells) {
    const n = 1 + Math.floor(random() * occurrences);
    if ((await lab.run({ name, n, when, mode })).killed) kills += 1;
  }
  expect(await lab.finish()).toEqual([]);
  expect(kills).toBeGreaterThan(cells.length / 2);
});
