import { expect, test } from 'vitest';
import { runSeed } from '../random.ts';
import { soak } from './soak.ts';

const seed = runSeed();

test(`a short soak: parts killed at random, duplicates, faults, and nothing lost or done twice (SEED=${seed})`, {
  timeout: 1_200_000,
}, async () => {
  const lines: string[] = [];
  const report = await soak({
    images: 60,
    killEveryMs: 8000,
    faults: 0.03,
    minKills: 4,
    limitMs: 900_000,
    seed,
    say: (line) => lines.push(line),
  });
  expect(report, lines.join('\n')).toMatchObject({
    accepted: 60,
    rows: 60,
    lost: 0,
    wrong: [],
    enrolledTwice: 0,
  });
  expect(report.duplicates).toBeGreaterThan(0);
  expect(report.faults).toBeGreaterThan(0);
});
