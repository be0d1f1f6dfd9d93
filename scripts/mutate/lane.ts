/**
 * A process that runs tests over and over, told by messages which: starting Vitest anew costs more than most tests do.
 * Each test file is still run in a process of its own.
 */
import { resolve } from 'node:path';
import { createVitest } from 'vitest/node';

/** Which files have changed since the last run, and what to run, in this order; the first that fails ends it. */
export interface LaneTask {
  readonly changed: readonly string[];
  readonly tests: readonly string[];
}

export interface LaneAnswer {
  /** The test file that failed. */
  readonly failed?: string;
  /** How long each took, in milliseconds. */
  readonly took: Readonly<Record<string, number>>;
}

const vitest = await createVitest('test', {
  root: process.cwd(),
  config: false,
  watch: false,
  include: ['test/**/*.test.ts'],
  reporters: [{}],
  testTimeout: 60_000,
  hookTimeout: 60_000,
  teardownTimeout: 5000,
  maxWorkers: 1,
  pool: 'forks',
  bail: 1,
});

async function passes(test: string): Promise<boolean> {
  // What failed before counts for `bail`, and is among the modules of every later run.
  vitest.state.idMap.clear();
  vitest.state.filesMap.clear();
  vitest.state.errorsSet.clear();
  const spec = vitest.getRootProject().createSpecification(resolve(test));
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications([spec]);
  const mine = testModules.filter(({ moduleId }) => moduleId === resolve(test));
  return unhandledErrors.length === 0 && mine.length === 1 && mine.every((one) => one.ok());
}

async function run({ changed, tests }: LaneTask): Promise<LaneAnswer> {
  for (const file of changed) vitest.invalidateFile(resolve(file));
  const took: Record<string, number> = {};
  for (const test of tests) {
    const began = Date.now();
    const isFine = await passes(test);
    took[test] = Date.now() - began;
    if (!isFine) return { failed: test, took };
  }
  return { took };
}

process.on('message', async (task: LaneTask) => {
  process.send?.(await run(task));
});
process.once('disconnect', () => process.exit());
process.send?.('ready');
