import { defineConfig } from 'vitest/config';

/**
 * Tests that replace modules, change what belongs to the whole process, or measure it: each has a process of its own.
 * So do those that start the built app, a browser or the models, beside which starting a process costs nothing.
 */
const APART = [
  'test/*.test.ts',
  'test/{azd,bench,dashboard,end-to-end,local,package,reliability,telemetry}/**/*.test.ts',
  'test/erasure/{crash,erasure,raw-files}.test.ts',
  'test/pipeline/{process-death,delivery/isolation}.test.ts',
  'test/kinds/chunks.test.ts',
];

export default defineConfig({
  test: {
    // Real parts (emulator, models) start inside tests: generous limits, no retries that could hide a flake.
    testTimeout: 180_000,
    hookTimeout: 240_000,
    // A condition that is polled for may wait for a whole machine's other work.
    expect: { poll: { timeout: 15_000 } },
    // Two cores are the machine this suite is planned for; of three workers one waits, mostly, for time to pass or a disk.
    maxWorkers: 3,
    pool: 'forks',
    projects: [
      { extends: true, test: { name: 'apart', include: APART } },
      // All of the rest share a process: that the libraries are loaded once saves a third of their time. A module that
      // they share is loaded once, too: what it has to do before a test stands in a function which the test calls.
      {
        extends: true,
        test: { name: 'together', include: ['test/**/*.test.ts'], exclude: APART, isolate: false },
      },
    ],
  },
});
