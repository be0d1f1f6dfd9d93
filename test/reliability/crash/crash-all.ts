/**
 * Walks through every crash point: `npm run crash:all -- [--lanes 2] [--seed N] [--modes plain,duplicated,reordered] [--stride 1]`.
 * In plain mode the host is killed before and after each request of a whole job; with duplicated and with reordered
 * messages, whose jobs make several times as many requests, before and after in turn. Exits 1 where a cell failed.
 */
import { parseArgs } from 'node:util';
import { runSeed } from '../random.ts';
import { type Cell, CrashLab, MODES, type Mode } from './cells.ts';

const { values } = parseArgs({
  options: {
    lanes: { type: 'string', default: '2' },
    seed: { type: 'string' },
    modes: { type: 'string', default: MODES.join() },
    stride: { type: 'string', default: '1' },
  },
});
const seed = runSeed(values.seed);
const modes = values.modes.split(',').filter((mode): mode is Mode => MODES.includes(mode as Mode));
const stride = Math.max(1, Number(values.stride));
const started = Date.now();
const minutes = () => `${((Date.now() - started) / 60_000).toFixed(1)} min`;
console.log(`crash:all, seed ${seed}, modes ${modes.join(', ')}, stride ${stride}, ${values.lanes} lanes`);

const labs = await Promise.all(
  Array.from({ length: Number(values.lanes) }, (_, lane) => CrashLab.open(seed + lane, lane)),
);
const failures: string[] = [];
const figures: string[] = [];
let cells = 0;
let kills = 0;

for (const mode of modes) {
  let next = 1;
  let last = Number.POSITIVE_INFINITY;
  let killed = 0;
  let run = 0;
  const walk = async (lab: CrashLab) => {
    // The first job of a world makes more requests: lists and queues are created. It is walked over like any other.
    while (next <= last) {
      const n = next;
      next += stride;
      const sides: Cell['when'][] = mode === 'plain' ? ['before', 'after'] : [n % 2 ? 'before' : 'after'];
      for (const when of sides) {
        try {
          const result = await lab.run({ n, when, mode });
          run += 1;
          if (result.killed) killed += 1;
          else last = Math.min(last, n);
        } catch (error) {
          run += 1;
          failures.push(error instanceof Error ? error.message : String(error));
          console.error(failures.at(-1));
        }
        if (run % 25 === 0) console.log(`${mode}: ${run} cells, ${killed} kills, n = ${n}, ${minutes()}`);
      }
      if (failures.length >= 5) return;
    }
  };
  await Promise.all(labs.map(walk));
  figures.push(
    `${mode}: ${run} cells, ${killed} kills, a job makes up to ${Math.min(last, next) - 1} requests`,
  );
  cells += run;
  kills += killed;
}
for (const lab of labs) {
  failures.push(...(await lab.finish()));
  await lab.close();
}
console.log(
  `${figures.join('\n')}\n${cells} cells, ${kills} kills, ${failures.length} failures, ${minutes()}, seed ${seed}`,
);
for (const failure of failures) console.error(failure);
process.exit(failures.length > 0 ? 1 : 0);
