/**
 * `npm run bench:scale -- [--images 1000000] [--few 10000] [--turns 40] [--folder <path>]`: what an instance on one machine
 * answers and does with 10,000 images and with so many, side by side, and how many times the one the other takes. What is
 * measured is built: `npm run build` first.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildSet } from '../api/build-set.ts';
import { isMet, type Report, render } from '../report.ts';
import { measureTwoProcesses } from './lanes.ts';
import { type Measured, measureResults } from './measure.ts';
import { buildArchive, measureArchive } from './measure-archive.ts';

/** Times the figure of 10,000 images that a figure may be. */
const MOST = 2;
/** Below this a ratio is of the clock and of what else the machine does. */
const NOISE_MS = 1;

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '1000000' },
    few: { type: 'string', default: '10000' },
    turns: { type: 'string', default: '40' },
    folder: { type: 'string', default: tmpdir() },
  },
});
const [many, few, turns] = [Number(values.images), Number(values.few), Number(values.turns)];
const began = performance.now();
const say = (words: string) =>
  process.stderr.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${words}\n`);
mkdirSync(values.folder, { recursive: true });

/** What is measured changes the set: each run makes its own. */
async function figures(images: number): Promise<Measured[]> {
  const folder = join(values.folder, `imaginem-scale-${images}-${process.pid}`);
  const file = join(folder, 'results.db');
  mkdirSync(folder, { recursive: true });
  try {
    say(`${images.toLocaleString('en')} images are being made`);
    const ids = await buildArchive(join(folder, 'storage'), images, say);
    const order = Uint32Array.from(ids.keys()).sort((one, other) =>
      (ids[one] ?? '') < (ids[other] ?? '') ? -1 : 1,
    );
    const idOf = (n: number) => ids[n] ?? '';
    await buildSet(file, images, say, { idOf, order });
    const archive = await measureArchive({ folder: join(folder, 'storage'), file, ids, turns }, say);
    return [...archive, ...(await measureResults(file, { images, turns, idOf }, say))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const lanes = await measureTwoProcesses(values.folder, say);
const small = await figures(few);
const large = await figures(many);
const rows = small.map((one, index) => ({ one, other: large[index] as Measured }));
const report: Report = {
  part: `an instance with ${few.toLocaleString('en')} and ${many.toLocaleString('en')} images (its own storage service and SQLite, ${availableParallelism()} processors)`,
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
    ...large
      .filter(({ name }) => name.startsWith('erase one image'))
      .flatMap(({ name, p95, requests = 0 }) => [
        { text: `${name}, p95`, measured: p95, limit: 2000, sense: 'at most' as const, unit: ' ms' },
        { text: `${name}, requests`, measured: requests, limit: 59, sense: 'at most' as const, unit: '' },
      ]),
    ...lanes,
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
        few.toLocaleString('en'),
        'p95',
        many.toLocaleString('en'),
        'p95',
        'times',
        'longest turn',
        'requests',
      ],
      rows: rows.map(({ one, other }) => [
        ...[one.name, one.median, one.p95, other.median, other.p95],
        ...[other.median / Math.max(one.median, 1e-3), other.longestTurn],
        ...[`${one.requests ?? ''}${one.requests === undefined ? '' : ' / '}${other.requests ?? ''}`],
      ]),
    },
  ],
  notes: [`Ratios of figures below ${NOISE_MS} ms are taken over ${NOISE_MS} ms.`],
};
process.stdout.write(render(report));
process.exitCode = report.aims.every(isMet) ? 0 : 1;
