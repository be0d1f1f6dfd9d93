/**
 * Plants faults, one at a time, and says which of them no test notices:
 * `npm run mutate -- [path ...] [--sample 40 --seed 7] [--changed [--base main]] [--minutes 30] [--lanes 2] [--list]`.
 *
 * Exits 1 where a fault went through that is not marked as one that changes nothing.
 */
import { globSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { changedLines } from './changed.ts';
import { Equivalents } from './equivalent.ts';
import { Memory } from './memory.ts';
import { type Mutant, mutantsOf, planted } from './mutants.ts';
import { type Outcome, report } from './report.ts';
import { roomOf } from './rooms.ts';
import { seeded, stratified } from './sample.ts';
import { copyProject, Sandbox, type TestRun } from './sandbox.ts';
import { TestChoice } from './tests.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string' },
    seed: { type: 'string', default: '1' },
    changed: { type: 'boolean', default: false },
    base: { type: 'string', default: 'main' },
    minutes: { type: 'string', default: '600' },
    lanes: { type: 'string', default: '2' },
    memory: { type: 'string', default: '.imaginem/mutate.jsonl' },
    list: { type: 'boolean', default: false },
  },
});

/** A test that takes longer hangs: so many times what it takes without a fault, and at least so many milliseconds. */
const TIMES = 6;
const LEAST_LIMIT_MS = 20_000;

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
const project = copyProject();
// From here on everything is of one moment, whatever is being written in the project meanwhile.
process.chdir(project);
const equivalents = new Equivalents();
const choice = new TestChoice();
const sandboxes: Sandbox[] = [];
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
process.once('exit', () => {
  for (const sandbox of sandboxes) sandbox.remove();
  rmSync(project, { recursive: true, force: true });
});

/** How long tests take without any fault, by file; one that does not pass then notices none. */
const sound = new Map<string, Promise<number | undefined>>();
function timeOf(test: string, sandbox: Sandbox): Promise<number | undefined> {
  const known = sound.get(test);
  if (known) return known;
  const asked = sandbox.run([test], 10 * 60_000).then(({ verdict, ms }) => {
    if (verdict === 'passed') return ms;
    console.log(`${test} does not pass without any fault (${verdict}): left out.`);
    return undefined;
  });
  sound.set(test, asked);
  return asked;
}

/** Runs the tests one after the other, until one notices. */
async function tried(file: string, at: string, tests: readonly string[], sandbox: Sandbox): Promise<TestRun> {
  let ms = 0;
  for (const test of tests) {
    const time = await timeOf(test, sandbox);
    if (time === undefined) continue;
    const run = await sandbox.with(file, at, [test], Math.max(LEAST_LIMIT_MS, time * TIMES));
    ms += run.ms;
    if (run.verdict !== 'passed') return { ...run, by: test, ms };
  }
  return { verdict: 'passed', ms };
}

async function outcomeOf(mutant: Mutant, sandbox: Sandbox): Promise<Outcome> {
  const { id, file } = mutant;
  const why = equivalents.why(mutant);
  if (why !== undefined) return { mutant, state: 'equivalent', why };
  const source = readFileSync(file, 'utf8');
  const tests = choice.of(file, memory.caught(file), memory.times);
  if (tests.length === 0) return { mutant, state: 'survived' };
  const sorted = [...tests].sort();
  let known = memory.get(id, source, sorted);
  if (!known) {
    memory.keep(id, file, source, sorted, await tried(file, planted(source, mutant), tests, sandbox));
    known = memory.get(id, source, sorted);
  }
  if (known?.verdict === 'passed') return { mutant, state: 'survived' };
  return { mutant, state: 'found', ...(known?.by !== undefined && { by: known.by }) };
}

const began = Date.now();
const until = began + Number(values.minutes) * 60_000;
const outcomes: Outcome[] = [];
const left = [...mutants];
async function work(): Promise<void> {
  const sandbox = new Sandbox(project, process.env);
  sandboxes.push(sandbox);
  for (let mutant = left.shift(); mutant && Date.now() < until; mutant = left.shift()) {
    const outcome = await outcomeOf(mutant, sandbox);
    outcomes.push(outcome);
    const { file, line, kind } = mutant;
    console.log(
      `${outcomes.length}/${mutants.length} ${outcome.state} ${file}:${line} ${kind}${outcome.by ? ` (${outcome.by})` : ''}`,
    );
  }
  sandbox.stop();
}
await Promise.all(Array.from({ length: Number(values.lanes) }, work));
if (outcomes.length < mutants.length)
  console.log(`The time is over: ${mutants.length - outcomes.length} were not planted.`);
console.log(report(outcomes));
console.log(`${Math.round((Date.now() - began) / 1000)} s`);
process.exit(outcomes.some(({ state }) => state === 'survived') ? 1 : 0);
