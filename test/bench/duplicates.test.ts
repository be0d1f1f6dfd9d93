import { expect, test } from 'vitest';
import { measure } from '../../bench/duplicates/measure.ts';
import { readSettings } from '../../src/settings.ts';

test('on pictures made by code, copies are found and different pictures are not, as the README states', async () => {
  const most = readSettings({}).DUPLICATE_DISTANCE;
  const { pHash, dHash } = await measure({ originals: 14, strangers: 80, pages: 5 }, most);
  for (const [copy, share] of Object.entries(pHash.recall)) {
    const least = copy === 'cropped by 10 %' ? 0 : copy === 'cropped by 5 %' ? 0.6 : 0.9;
    expect(`${copy}: ${share >= least}`).toBe(`${copy}: true`);
  }
  expect(pHash.differentPairs).toBeGreaterThan(30_000);
  expect(pHash.precision).toBeGreaterThan(0.999);
  // Why it is this hash and not the simpler one.
  expect(pHash.recallOfAll).toBeGreaterThan(dHash.recallOfAll);
});
