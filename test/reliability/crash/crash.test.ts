import { afterAll, beforeAll, expect, test } from 'vitest';
import { runSeed, sample, seeded } from '../random.ts';
import { type Cell, CrashLab, MODES, NEVER } from './cells.ts';

/** Crash points tried per run; `npm run crash:all` tries them all. */
const CELLS = 9;

const seed = runSeed();
let lab: CrashLab;
beforeAll(async () => {
  lab = await CrashLab.open(seed);
});
afterAll(() => lab?.close());

test(`a host killed at any request loses nothing and does nothing twice (SEED=${seed})`, {
  timeout: 900_000,
}, async () => {
  const rehearsal = await lab.run({ n: NEVER, when: 'before', mode: 'plain' });
  expect(rehearsal.killed).toBe(false);
  const random = seeded(seed);
  const points = Array.from({ length: rehearsal.requests - 20 }, (_, index) => index + 1);
  const cells = sample(points, CELLS, random).map(
    (n, index): Cell => ({
      n,
      when: random() < 0.5 ? 'before' : 'after',
      mode: MODES[index % MODES.length] ?? 'plain',
    }),
  );
  let kills = 0;
  for (const cell of cells) if ((await lab.run(cell)).killed) kills += 1;
  expect(await lab.finish()).toEqual([]);
  expect(kills).toBeGreaterThan(CELLS / 2);
});
