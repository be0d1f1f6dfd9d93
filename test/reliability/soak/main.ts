/**
 * `npm run soak -- [--images 2000] [--kill-every 20s] [--faults 0.05] [--seed N] [--min-kills 0] [--minutes 120]`: prints the
 * figures and exits 1 where any is wrong. `--minutes` is the longest time it may take.
 */
import { parseArgs } from 'node:util';
import { runSeed } from '../random.ts';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '2000' },
    'kill-every': { type: 'string', default: '20s' },
    faults: { type: 'string', default: '0.05' },
    'min-kills': { type: 'string', default: '0' },
    minutes: { type: 'string', default: '120' },
    seed: { type: 'string' },
  },
});

// Ending by way of `exit` takes the child processes along.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const seed = runSeed(values.seed);
const command = `npm run soak -- --images ${values.images} --kill-every ${values['kill-every']} --faults ${values.faults} --min-kills ${values['min-kills']} --seed ${seed}`;
console.log(command);
const report = await soak({
  images: Number(values.images),
  killEveryMs: Number.parseFloat(values['kill-every']) * (values['kill-every'].endsWith('ms') ? 1 : 1000),
  faults: Number(values.faults),
  minKills: Number(values['min-kills']),
  limitMs: Number(values.minutes) * 60_000,
  seed,
  say: (line) => console.log(line),
});
const { wrong, ...figures } = report;
console.log(JSON.stringify(figures, undefined, 2));
for (const sentence of wrong.slice(0, 50)) console.error(sentence);
console.log(
  wrong.length === 0 ? 'Everything is right.' : `${wrong.length} things are wrong. Again: ${command}`,
);
process.exit(wrong.length === 0 ? 0 : 1);
