/**
 * Walks through every crash point: `npm run crash:all -- [--lanes 2] [--minutes 30] [--seed N] [--modes people,plain,duplicated,reordered,finish-requests,abandon-requests,finish-statements,abandon-statements] [--stride 1] [--file .imaginem/crash-all.jsonl] [--only reordered:before:17]`.
 * With mode `people` another process is killed at every statement of each write about people and enquiries; one of them is `--only "people:merge two persons:7"`.
 * With modes `finish-` and `abandon-` it is the process that carries a switch of models through.
 * After `--minutes` it stops and keeps what it has done in `--file`; the same command goes on from there, and the last
 * sitting prints the figures of them all. Exits 1 where a cell failed, 3 where cells are left.
 */
import { parseArgs } from 'node:util';
import { runSeed } from '../random.ts';
import { ALL_MODES, type Cell, keyOf, type Mode } from './cells.ts';
import { Lane } from './lane.ts';
import { killAtEveryStatement, pointOf } from './people/every-point.ts';
import { PeopleLab } from './people/walk.ts';
import { Progress } from './progress.ts';
import { cellOf, Walk } from './walk.ts';

const { values } = parseArgs({
  options: {
    lanes: { type: 'string', default: '2' },
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string' },
    modes: { type: 'string', default: `people,${ALL_MODES.join()}` },
    stride: { type: 'string', default: '1' },
    file: { type: 'string', default: '.imaginem/crash-all.jsonl' },
    only: { type: 'string' },
  },
});
// Ending by way of `exit` takes the child processes along.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const started = Date.now();
const minutes = () => Math.round((Date.now() - started) / 6000) / 10;

if (values.only?.startsWith('people:')) {
  const lab = await PeopleLab.open();
  await lab.run(pointOf(values.only), { killed: true });
  await lab.close();
  console.log(`${values.only}: done once`);
  process.exit(0);
}
if (values.only !== undefined) {
  const lab = new Lane(runSeed(values.seed), 0);
  console.log(`${values.only}: ${JSON.stringify(await lab.run(cellOf(values.only)))}`);
  const wrong = await lab.finish();
  for (const sentence of wrong) console.error(sentence);
  await lab.close();
  process.exit(wrong.length > 0 ? 1 : 0);
}

const modes = values.modes.split(',').filter((mode): mode is Mode => ALL_MODES.includes(mode as Mode));
const progress = await Progress.open(values.file, runSeed(values.seed));
const { seed } = progress;
const walk = new Walk(modes, Math.max(1, Number(values.stride)), progress.ran.values());
const before = progress.ran.size;
console.log(
  `crash:all, seed ${seed}, modes ${values.modes.replaceAll(',', ', ')}, stride ${values.stride}, ${values.lanes} lanes${before > 0 ? `, ${before} cells done before` : ''}`,
);

const failures: string[] = [];
if (values.modes.split(',').includes('people') && progress.people === undefined) {
  const lanes = Number(values.lanes);
  const walked = await killAtEveryStatement({ lanes, stride: Math.max(1, Number(values.stride)) });
  failures.push(...walked.failures);
  if (walked.failures.length === 0) await progress.addPeople(walked.kills);
}
if (progress.people !== undefined)
  console.log(`people: ${progress.people} kills, at every statement of each write`);

const labs = Array.from(
  { length: modes.length === 0 ? 0 : Number(values.lanes) },
  (_, lane) => new Lane(seed, lane),
);
let timeIsUp = false;

async function run(lab: Lane, cell: Cell): Promise<void> {
  const ran = await lab.run(cell).then(
    ({ killed, requests }) => ({ cell, killed, requests }),
    (error) => ({ cell, error: error instanceof Error ? error.message : String(error) }),
  );
  if ('error' in ran) {
    failures.push(ran.error);
    console.error(ran.error);
  }
  walk.note(ran);
  await progress.add(ran);
  const count = progress.ran.size;
  if (count % 25 === 0) console.log(`${count} cells, at ${keyOf(cell)}, ${minutes()} min`);
}

async function walkAlong(lab: Lane): Promise<void> {
  while (failures.length < 5) {
    timeIsUp ||= minutes() >= Number(values.minutes);
    const cell = timeIsUp ? undefined : walk.next();
    if (!cell) return;
    await run(lab, cell);
  }
}
await Promise.all(labs.map(walkAlong));
for (const lab of labs) {
  failures.push(...(await lab.finish()));
  await lab.close();
}

const all = [...progress.ran.values()];
for (const mode of modes) {
  const ran = all.filter(({ cell }) => cell.mode === mode);
  const kills = ran.filter(({ killed }) => killed).length;
  const most = Math.max(0, ...ran.flatMap(({ killed, cell }) => (killed ? cell.n : [])));
  console.log(`${mode}: ${ran.length} cells, ${kills} kills, a job makes up to ${most} requests`);
}
const kills = all.filter(({ killed }) => killed).length;
const failed = all.filter(({ error }) => error !== undefined).length;
const left = timeIsUp || failures.length >= 5;
console.log(
  `${all.length} cells, ${kills} kills, ${failed} failed, ${Math.round((progress.minutesBefore + minutes()) * 10) / 10} min, seed ${seed}`,
);
for (const failure of failures) console.error(failure);
if (left) {
  await progress.leave(minutes());
  console.log('Cells are left: the same command goes on with them.');
} else {
  await progress.remove();
}
process.exit(failures.length > 0 || failed > 0 ? 1 : left ? 3 : 0);
