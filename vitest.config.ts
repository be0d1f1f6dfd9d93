import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Real parts (emulator, models) start inside tests: generous limits, no retries that could hide a flake.
    testTimeout: 180_000,
    hookTimeout: 240_000,
    // Two cores are the machine this suite is planned for; each worker may start child processes of its own.
    maxWorkers: 2,
    pool: 'forks',
  },
});
