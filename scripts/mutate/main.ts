/**
 * Plants faults, one at a time, and says which of them no test notices:
 * `npm run mutate -- [path ...] [--sample 40 --seed 7] [--changed [--base main]] [--minutes 30] [--list]`.
 *
 * Exits 1 where a fault went through that is not marked as one that changes nothing.
 */
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { shareAzurite } from '../../test/support/azurite.ts';
import { changedLines } from './changed.ts';
import { Equivalents } from './equivalent.ts';
import { Memory } from './memory.ts';
import { type Mutant, mutantsOf, planted } from './mutants.ts';
import { type Outcome, report } from './report.ts';
import { roomOf } from './rooms.ts';
import { seeded, stratified } from './sample.ts';
import { Sandbox } from './sandbox.ts';
import { TestChoice } from './tests.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    changed: { type: 'boolean', default: false },
    base: { type: 'string', default: 'main' },
    minutes: { type: 'string', default: '600' },
    memory: { type: 'string', default: '.imaginem/mutate.jsonl' },
    list: { type: 'boolean', default: false },
  },
});

/** A run that takes longer hangs: of the nearest tests, and of all others. */
const NEAR_LIMIT_MS = 3 * 60_000;
const FAR_LIMIT_MS = 10 * 60_000;
/** How many tests are the nearest: most faults end there. */
const NEAR = 3;
/** So many runs to an emulator: it keeps everything in memory. */
const RUNS_EACH = 60;

const lines = values.changed ? changedLines(values.base) : undefined;
const files = globSync('src/**/*.ts')
  .filter((file) => roomOf(file) !== undefined)
  .filter(
    (file) =>
      positionals.length === 0 || positionals.some((path) => file.startsWith(path.replace(/\/$/, ''))),
  )
  .filter((file) => !lines || lines.has(file))
  .sort();
const all = files
  .flatMap((file) => mutantsOf(file))
  .filter(({ file, line }) => !lines || lines.get(file)?.has(line));
const mutants =
  values.sample === undefined
    ? all
    : stratified(all, ({ file }) => roomOf(file) ?? '', Number(values.sample), seeded(Number(values.seed)));
console.log(`${mutants.length} of ${all.length} faults in ${files.length} files, seed ${values.seed}`);

if (values.list) {
  for (const { file, line, kind, was, text } of mutants)
    console.log(`${file}:${line} ${kind}: ${was} => ${text}`);
  process.exit(0);
}

const memory = new Memory(resolve(values.memory));
const sandbox = new Sandbox();
// From here on everything is of one moment, whatever is being written in the project meanwhile.
process.chdir(sandbox.folder);
const equivalents = new Equivalents();
const choice = new TestChoice();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.once('exit', () => sandbox.remove());

/** Whether tests pass without any fault: one that does not notices none. */
const sound = new Map<string, boolean>();
async function isSound(test: string): Promise<boolean> {
  const known = sound.get(test);
  if (known !== undefined) return known;
  const { verdict } = await sandbox.run([test], FAR_LIMIT_MS);
  if (verdict !== 'passed') console.log(`${test} does not pass without any fault (${verdict}): left out.`);
  sound.set(test, verdict === 'passed');
  return verdict === 'passed';
}

async function outcomeOf(mutant: Mutant): Promise<Outcome> {
  const { id, file } = mutant;
  const why = equivalents.why(mutant);
  if (why !== undefined) return { mutant, state: 'equivalent', why };
  const source = readFileSync(file, 'utf8');
  const tests = choice.of(file, memory.caught(file)).filter((test) => sound.get(test) !== false);
  if (tests.length === 0) return { mutant, state: 'survived' };
  let known = memory.get(id, source, [...tests].sort());
  if (!known) {
    const at = planted(source, mutant);
    let run = await sandbox.with(file, at, tests.slice(0, NEAR), NEAR_LIMIT_MS);
    if (run.verdict === 'passed' && tests.length > NEAR) {
      const more = await sandbox.with(file, at, tests.slice(NEAR), FAR_LIMIT_MS);
      run = { ...more, ms: run.ms + more.ms };
    }
    if (run.by !== undefined && !(await isSound(run.by))) return outcomeOf(mutant);
    memory.keep(id, file, source, [...tests].sort(), run);
    known = memory.get(id, source, [...tests].sort());
  }
  if (known?.verdict === 'passed') return { mutant, state: 'survived' };
  return { mutant, state: 'found', ...(known?.by !== undefined && { by: known.by }) };
}

let emulator = await shareAzurite(`${sandbox.folder}/accounts-0`);
Object.assign(process.env, emulator.env);
const until = Date.now() + Number(values.minutes) * 60_000;
const outcomes: Outcome[] = [];
for (const mutant of mutants) {
  if (Date.now() > until) {
    console.log(`The time is over: ${mutants.length - outcomes.length} were not planted.`);
    break;
  }
  if (outcomes.length % RUNS_EACH === RUNS_EACH - 1) {
    await emulator.stop();
    emulator = await shareAzurite(`${sandbox.folder}/accounts-${outcomes.length}`);
    Object.assign(process.env, emulator.env);
  }
  const outcome = await outcomeOf(mutant);
  outcomes.push(outcome);
  const { file, line, kind } = mutant;
  console.log(
    `${outcomes.length}/${mutants.length} ${outcome.state} ${file}:${line} ${kind}${outcome.by ? ` (${outcome.by})` : ''}`,
  );
}
await emulator.stop();
console.log(report(outcomes));
process.exit(outcomes.some(({ state }) => state === 'survived') ? 1 : 0);
