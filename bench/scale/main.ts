/**
 * `npm run bench:scale -- [--images 1000000] [--turns 40] [--folder <path>]`: what a result store answers and does with
 * 10,000 images and with so many, on SQLite, side by side, and how many times the one the other takes.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildSet } from '../api/build-set.ts';
import { isMet, type Report, render } from '../report.ts';
import { type Measured, measure } from './measure.ts';

const FEW = 10_000;
/** Times the figure of 10,000 images that a figure may be. */
const MOST = 2;
/** Below this a ratio is of the clock and of what else the machine does. */
const NOISE_MS = 1;

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '1000000' },
    turns: { type: 'string', default: '40' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const [many, turns] = [Number(values.images), Number(values.turns)];
const say = (words: string) => process.stderr.write(`${words}\n`);
mkdirSync(values.folder, { recursive: true });

async function figures(images: number): Promise<Measured[]> {
  // What is measured changes the set: each run has its own.
  const file = join(values.folder, `imaginem-scale-${images}-${process.pid}.db`);
  say(`${images.toLocaleString('en')} images: ${existsSync(file) ? 'there' : 'to be made'}`);
  await buildSet(file, images, say);
  return measure(file, images, turns, say);
}

const small = await figures(FEW);
const large = await figures(many);
const rows = small.map((one, index) => ({ one, other: large[index] as Measured }));
const report: Report = {
  part: `the result store with ${FEW.toLocaleString('en')} and ${many.toLocaleString('en')} images (SQLite, ${availableParallelism()} processors)`,
  aims: [
    ...rows
      .filter(({ one }) => !one.readsAll)
      .map(({ one, other }) => ({
        text: one.name,
        measured: other.median / Math.max(one.median, NOISE_MS),
        limit: MOST,
        sense: 'at most' as const,
        unit: 'x',
      })),
    ...large
      .filter(({ name }) => name.startsWith('save'))
      .map(({ name, p95 }) => ({
        text: `${name}, p95`,
        measured: p95,
        limit: 20,
        sense: 'at most' as const,
        unit: ' ms',
      })),
    {
      text: 'longest turn of the event loop, of all that need not read everything',
      measured: Math.max(...large.filter(({ readsAll }) => !readsAll).map(({ longestTurn }) => longestTurn)),
      limit: 50,
      sense: 'at most',
      unit: ' ms',
    },
  ],
  tables: [
    {
      title: 'milliseconds, median and 95 of 100',
      columns: [
        '',
        FEW.toLocaleString('en'),
        'p95',
        many.toLocaleString('en'),
        'p95',
        'times',
        'longest turn',
      ],
      rows: rows.map(({ one, other }) => [
        ...[one.name, one.median, one.p95, other.median, other.p95],
        ...[other.median / Math.max(one.median, 1e-3), other.longestTurn],
      ]),
    },
  ],
  notes: [`Ratios of figures below ${NOISE_MS} ms are taken over ${NOISE_MS} ms.`],
};
process.stdout.write(render(report));
process.exitCode = report.aims.every(isMet) ? 0 : 1;
