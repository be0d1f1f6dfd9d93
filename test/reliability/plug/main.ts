/**
 * `npm run crash:plug -- [--rounds 100] [--seed N]`: submits images to a local instance and, within two seconds of the word
 * that they are submitted, kills its storage process or everything at once, or everything with the data folder, of
 * which a backup was taken meanwhile; each image must get its one row.
 */
import { parseArgs } from 'node:util';
import { runSeed } from '../random.ts';
import { PlugLab, VICTIMS } from './lab.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '100' }, seed: { type: 'string' } },
});
// Ending by way of `exit` takes the child processes along.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const seed = runSeed(values.seed);
console.log(`crash:plug, seed ${seed}, ${values.rounds} rounds`);
const lab = await PlugLab.open(seed);
let code = 0;
try {
  for (let round = 0; round < Number(values.rounds); round += 1) {
    await lab.round(VICTIMS[round % VICTIMS.length] ?? 'everything');
    if (round % 10 === 9) console.log(JSON.stringify(lab.figures));
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  code = 1;
} finally {
  console.log(JSON.stringify(lab.figures, undefined, 2));
  await lab.close();
}
process.exit(code);
