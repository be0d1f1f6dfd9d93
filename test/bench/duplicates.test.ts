import { expect, test } from 'vitest';
import { measure } from '../../bench/duplicates/measure.ts';
import { readSettings } from '../../src/domain/settings.ts';

test('on pictures made by code, copies are found and different pictures are not, as the README states', async () => {
  const most = readSettings({}).DUPLICATE_DISTANCE;
  const { pHash, dHash } = await measure({ originals: 14, strangers: 80, pages: 5 }, most);
  for (const [copy, share] of Object.entries(pHash.recall)) {
    const least = copy === 'cropped by 10 %' ? 0 : copy === 'cropped by 5 %' ? 0.6 : 0.9;
    expect(`${copy}: ${share >= least}`).toBe(`${copy}: true`);
  }
  expect(pHash.differentPairs).toBeGreaterThan(30_000);
  expect(pHash.precision).toBeGreaterThan(0.999);
  // Why it is this hash and not the simpler one, which is better only where a copy is cropped.
  const whole = Object.keys(pHash.recall).filter((copy) => !copy.startsWith('cropped'));
  const sum = (recall: Record<string, number>) => whole.reduce((all, copy) => all + (recall[copy] ?? 0), 0);
  expect(sum(pHash.recall)).toBeGreaterThan(sum(dHash.recall));
  expect(pHash.precision).toBeGreaterThanOrEqual(dHash.precision);
});
