/**
 * `npm run crash:storage -- [--rounds 3000] [--minutes 45] [--seed N]`: kills the storage service at its named points and
 * at any moment, and looks for every answered write after each kill. Exits 1 where one is missing or torn.
 */
import { parseArgs } from 'node:util';
import { runSeed } from '../../../reliability/random.ts';
import { type Kill, POINTS, StorageCrashLab } from './lab.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3000' },
    minutes: { type: 'string', default: '45' },
    seed: { type: 'string' },
  },
});
// Ending by way of `exit` takes the child processes along.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const seed = runSeed(values.seed);
const until = Date.now() + Number(values.minutes) * 60_000;
console.log(`crash:storage, seed ${seed}, ${values.rounds} rounds or ${values.minutes} minutes`);
const lab = await StorageCrashLab.open(seed);
const KILLS: readonly Kill[] = ['any moment', ...POINTS];
try {
  for (let round = 0; round < Number(values.rounds) && Date.now() < until; round += 1) {
    await lab.round(KILLS[round % KILLS.length] ?? 'any moment');
    if (round % 100 === 99) console.log(`${round + 1} rounds, ${lab.figures.answered} answered writes`);
  }
  await lab.finish();
  console.log(JSON.stringify(lab.figures, undefined, 2));
  await lab.close();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.error(`Seed ${seed}; the folder is kept: ${lab.folder}`);
  process.exit(1);
}
