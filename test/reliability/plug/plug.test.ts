import { afterAll, beforeAll, expect, test } from 'vitest';
import { runSeed } from '../random.ts';
import { PlugLab } from './lab.ts';

const seed = runSeed();
let lab: PlugLab;
beforeAll(async () => {
  lab = await PlugLab.open(seed);
});
afterAll(() => lab?.close());

test(`images that were submitted have their rows though everything, or storage alone, is killed (SEED=${seed})`, {
  timeout: 600_000,
}, async () => {
  await lab.round('everything');
  await lab.round('storage');
  expect(lab.figures).toEqual({ kills: { everything: 1, storage: 1 }, confirmed: 6, rows: 6 });
});
