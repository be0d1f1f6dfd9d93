import { expect, test } from 'vitest';
import { runSeed } from '../../../reliability/random.ts';
import { POINTS, StorageCrashLab } from './lab.ts';

const seed = runSeed();

test(`every answered write is there after a kill, one without an answer whole or not at all (SEED=${seed})`, async () => {
  const lab = await StorageCrashLab.open(seed, 2);
  try {
    for (const kill of [...POINTS, 'any moment', 'any moment', ...POINTS, 'any moment'] as const)
      await lab.round(kill);
    await lab.finish();
    expect(lab.figures.answered).toBeGreaterThan(100);
    expect(lab.figures.kills['before-commit']).toBeGreaterThan(0);
    expect(lab.figures.kills.committed).toBeGreaterThan(0);
  } finally {
    await lab.close();
  }
});
