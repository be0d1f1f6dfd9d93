/**
 * Walks through every crash point: `npm run crash:all -- [--lanes 2] [--minutes 30] [--seed N] [--modes plain,duplicated,reordered,finish-requests,abandon-requests,finish-statements,abandon-statements] [--stride 1] [--file .imaginem/crash-all.jsonl] [--only reordered:before:17]`.
 * After `--minutes` it stops and keeps what it has done in `--file`; the same command goes on from there, and the last
 * sitting prints the figures of them all. Exits 1 where a cell failed, 3 where cells are left.
 */
import { parseArgs } from 'node:util';
import { runSeed } from '../random.ts';
import {
  ALL_MODES,
  type Cell,
  type CellResult,
  CrashLab,
  isSwitch,
  keyOf,
  type Mode,
  type QueueMode,
} from './cells.ts';
import { Progress } from './progress.ts';
import { SwitchLab } from './switch-lab.ts';
import { cellOf, Walk } from './walk.ts';

const { values } = parseArgs({
  options: {
    lanes: { type: 'string', default: '2' },
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string' },
    modes: { type: 'string', default: ALL_MODES.join() },
    stride: { type: 'string', default: '1' },
    file: { type: 'string', default: '.imaginem/crash-all.jsonl' },
    only: { type: 'string' },
  },
});
/** Where one cell is run after the other: jobs in one world, switches of models in another, each opened at its first cell. */
class Lane {
  readonly #seed: number;
  readonly #lane: number;
  #jobs: CrashLab | undefined;
  #switches: SwitchLab | undefined;

  constructor(seed: number, lane: number) {
    this.#seed = seed;
    this.#lane = lane;
  }

  async run(cell: Cell): Promise<CellResult> {
    if (isSwitch(cell)) {
      this.#switches ??= await SwitchLab.open();
      return this.#switches.run(cell);
    }
    this.#jobs ??= await CrashLab.open(this.#seed, this.#lane);
    return this.#jobs.run(cell as Cell & { mode: QueueMode });
  }

  finish = async (): Promise<string[]> => (await this.#jobs?.finish()) ?? [];

  async close(): Promise<void> {
    await this.#jobs?.close();
    await this.#switches?.close();
  }
}

// Ending by way of `exit` takes the child processes along.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
const started = Date.now();
const minutes = () => Math.round((Date.now() - started) / 6000) / 10;

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
  `crash:all, seed ${seed}, modes ${modes.join(', ')}, stride ${values.stride}, ${values.lanes} lanes${before > 0 ? `, ${before} cells done before` : ''}`,
);

const labs = Array.from({ length: Number(values.lanes) }, (_, lane) => new Lane(seed, lane));
const failures: string[] = [];
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
