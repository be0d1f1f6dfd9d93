/**
 * `npm run bench:scale -- [--images 1000000] [--few 10000] [--turns 40] [--folder <path>] [--keep <path>] [--only <pattern>]`:
 * what an instance on one machine answers and does with 10,000 images and with so many, side by side, and how many times
 * the one the other takes. What is measured is built: `npm run build` first.
 *
 * `--keep`: what is filled stays in that folder, and is taken from there the next time; what is measured changes a copy of
 * it. `--only`: the operations alone whose names this regular expression fits.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMet, render } from '../report.ts';
import { openArchive } from './archive-operations.ts';
import { copied, filled } from './filled.ts';
import { measureTwoProcesses } from './lanes.ts';
import { type Measured, measureSides } from './measure.ts';
import { reportOf } from './report.ts';
import { openResults } from './results-operations.ts';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '1000000' },
    few: { type: 'string', default: '10000' },
    turns: { type: 'string', default: '40' },
    folder: { type: 'string', default: tmpdir() },
    keep: { type: 'string' },
    only: { type: 'string' },
  },
});
const [many, few, turns] = [Number(values.images), Number(values.few), Number(values.turns)];
const only = values.only === undefined ? undefined : new RegExp(values.only);
const began = performance.now();
const say = (words: string) =>
  process.stderr.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${words}\n`);
const own = join(values.folder, `imaginem-scale-${process.pid}`);
const kept = values.keep ?? join(own, 'filled');
mkdirSync(own, { recursive: true });

async function measured(): Promise<Measured[]> {
  const sets = [await filled(join(kept, `${few}`), few, say), await filled(join(kept, `${many}`), many, say)];
  say('copies are being made');
  const [one, other] = sets.map((set, place) => copied(set, join(own, `${place}`)));
  if (!one || !other) throw new Error('Two archives are compared.');
  const found: Measured[] = [];
  for (const open of [openArchive, openResults]) {
    const sides = { few: await open(one), many: await open(other) };
    try {
      found.push(...(await measureSides(sides, { turns, ...(only && { only }) }, say)));
    } finally {
      await sides.few.close();
      await sides.many.close();
    }
  }
  return found;
}

try {
  const load = loadavg()[0] ?? 0;
  const lanes = only ? [] : await measureTwoProcesses(own, say);
  const report = reportOf(await measured(), lanes, { few, many });
  const machine = `${availableParallelism()} processors`;
  report.notes.push(
    `Load average of a minute: ${load.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after, ${machine}.`,
  );
  process.stdout.write(render(report));
  process.exitCode = report.aims.every(isMet) ? 0 : 1;
} finally {
  rmSync(own, { recursive: true, force: true });
}
