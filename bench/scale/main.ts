/**
 * `npm run bench:scale -- [--images 1000000] [--few 10000] [--turns 40] [--folder <path>] [--keep <path>] [--only <pattern>]
 * [--server-only]`: what an instance on one machine answers and does with 10,000 images and with so many, side by side, and
 * how many times the one the other takes. What is measured is built: `npm run build` first.
 *
 * `--keep`: what is filled stays in that folder, and is taken from there the next time; what is measured changes a copy of
 * it. `--only`: the operations alone whose names this regular expression fits.
 *
 * With TEST_SQL_CONNECTION_STRING set, a second report says the same with the results on that SQL Server, in three databases
 * of its own (`imaginem_bench_...`), which are dropped at the end, after a failure, and after Ctrl-C; and what two processes
 * with eight lanes save beside one with one lane. `--server-only`: what the server alone is asked and told, and nothing on
 * this machine. Nothing of this was run on a server where it was written: `test/bench/scale/` plays it.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import { isMet, type Report, render } from '../report.ts';
import { openArchive } from './archive-operations.ts';
import { Cleanup } from './cleanup.ts';
import { copied, type Filled, filled, madeIds } from './filled.ts';
import { inProcess, measureLanes } from './lanes.ts';
import { type Measured, measureSides, type Side } from './measure.ts';
import { makeDatabases, meansOf, measureServer } from './on-server.ts';
import { reportOf } from './report.ts';
import { openResults } from './results-operations.ts';
import { ServerError } from './server.ts';

const { values } = parseArgs({
  options: {
    images: { type: 'string', default: '1000000' },
    few: { type: 'string', default: '10000' },
    turns: { type: 'string', default: '40' },
    folder: { type: 'string', default: tmpdir() },
    keep: { type: 'string' },
    only: { type: 'string' },
    'server-only': { type: 'boolean', default: false },
  },
});
const [many, few, turns] = [Number(values.images), Number(values.few), Number(values.turns)];
const only = values.only === undefined ? undefined : new RegExp(values.only);
const began = performance.now();
const print = (words: string) =>
  process.stderr.write(`${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${words}\n`);
const cleanup = new Cleanup(print);
cleanup.onSignals();
/** What goes wrong because everything is being removed is no news. */
const say = (words: string) => {
  if (!cleanup.isRunning) print(words);
};
const server = process.env.TEST_SQL_CONNECTION_STRING ?? '';
const own = join(values.folder, `imaginem-scale-${process.pid}`);
const kept = values.keep ?? join(own, 'filled');
mkdirSync(own, { recursive: true });
cleanup.add(`The folder ${own}`, () => rmSync(own, { recursive: true, force: true }));

/** What is measured changes it: copies of what was filled. */
function copies(
  sets: readonly Filled[],
  name: string,
  parts: { withResults: boolean },
): { few: Filled; many: Filled } {
  say('copies are being made');
  const [one, other] = sets.map((set, place) => copied(set, join(own, name, `${place}`), parts));
  if (!one || !other) throw new Error('Two archives are compared.');
  return { few: one, many: other };
}

async function measured(sets: readonly Filled[]): Promise<Measured[]> {
  const { few: one, many: other } = copies(sets, 'sqlite', { withResults: true });
  const found: Measured[] = [];
  const results = async ({ file, ids }: Filled): Promise<Side> =>
    openResults(await SqliteDatabase.open(file), ids);
  for (const open of [openArchive, results]) {
    const sides = { few: await open(one), many: await open(other) };
    try {
      found.push(...(await measureSides(sides, { turns, ...(only && { only }) }, say)));
    } finally {
      await sides.few.close();
      await sides.many.close();
    }
  }
  rmSync(join(own, 'sqlite'), { recursive: true });
  return found;
}

async function onThisMachine(sets: readonly Filled[]): Promise<Report> {
  const load = loadavg()[0] ?? 0;
  const file = join(own, 'lanes.db');
  const lanes = only ? [] : await measureLanes({ file }, { alone: false }, inProcess(cleanup), say);
  const what = 'an instance (its own storage service and SQLite)';
  const report = reportOf(what, await measured(sets), lanes, { few, many });
  report.notes.push(
    `Load average of a minute: ${load.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after, ${availableParallelism()} processors.`,
  );
  return report;
}

async function reports(): Promise<Report[]> {
  if (server === '' && values['server-only'])
    throw new ServerError('TEST_SQL_CONNECTION_STRING is not set: there is no server to measure.');
  const databases =
    server === '' ? undefined : await makeDatabases(server, { withLanes: !only }, cleanup, say);
  const done: Report[] = [];
  const finished = (report: Report) => {
    process.stdout.write(render(report));
    done.push(report);
  };
  const sets: Filled[] = [];
  if (!values['server-only']) {
    for (const images of [few, many]) sets.push(await filled(join(kept, `${images}`), images, say));
    finished(await onThisMachine(sets));
  }
  if (databases) {
    const archives = sets.length === 0 ? undefined : copies(sets, 'server', { withResults: false });
    const ids = archives
      ? { few: archives.few.ids, many: archives.many.ids, archives }
      : { few: madeIds(few).ids, many: madeIds(many).ids };
    const options = { turns, ...(only && { only }) };
    const told = (words: string) => say(`server: ${words}`);
    finished(await measureServer(databases, ids, options, meansOf(cleanup), told));
  }
  return done;
}

try {
  const all = await reports();
  process.exitCode = all.every(({ aims }) => aims.every(isMet)) ? 0 : 1;
} catch (error) {
  if (!(error instanceof ServerError)) throw error;
  print(error.message);
  process.exitCode = 1;
} finally {
  await cleanup.run();
}
