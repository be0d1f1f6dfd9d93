import { afterAll, beforeAll, expect, test } from 'vitest';
import { runSeed } from '../random.ts';
import { PlugLab } from './lab.ts';

const seed = runSeed();
let lab: PlugLab;
beforeAll(async () => {
  lab = await PlugLab.open(seed);
});
afterAll(() => lab?.close());

test(`images that were submitted have their one row though storage moves in, everything or storage is killed, or a backup is restored (SEED=${seed})`, {
  timeout: 600_000,
}, async () => {
  await lab.moveIn();
  await lab.round('everything');
  await lab.round('storage');
  await lab.round('disk');
  expect(lab.figures).toEqual({ kills: { everything: 1, storage: 1, disk: 1 }, confirmed: 12, rows: 12 });
});
