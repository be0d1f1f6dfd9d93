import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** What a run of tests came to. */
export interface TestRun {
  readonly verdict: 'passed' | 'failed' | 'timed out';
  /** The test file that noticed. */
  readonly by?: string;
  readonly ms: number;
}

/** Tests in the order in which they are to be run; the first that fails ends it. */
const CONFIG = `
import { defineConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';
const tests = process.env.MUTATE_TESTS.split(',');
class InOrder extends BaseSequencer {
  async sort(files) {
    const place = ({ moduleId }) => tests.findIndex((test) => moduleId.endsWith(test));
    return [...files].sort((a, b) => place(a) - place(b));
  }
}
export default defineConfig({
  test: {
    include: tests,
    testTimeout: 60_000, hookTimeout: 60_000, teardownTimeout: 5_000,
    maxWorkers: 1, pool: 'forks', bail: 1, sequence: { sequencer: InOrder },
  },
});
`;

/** A copy of the project in which faults are planted, so that the project itself can be worked on meanwhile. */
export class Sandbox {
  readonly folder = mkdtempSync(join(tmpdir(), 'imaginem-mutate-'));

  constructor() {
    const list = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' });
    for (const file of list.split('\n').filter((name) => name !== '')) {
      const to = join(this.folder, file);
      mkdirSync(dirname(to), { recursive: true });
      try {
        cpSync(file, to);
      } catch {
        // Deleted, and not committed yet.
      }
    }
    symlinkSync(realpathSync('node_modules'), join(this.folder, 'node_modules'));
    writeFileSync(join(this.folder, 'mutate.vitest.config.ts'), CONFIG);
  }

  /** Runs tests with `source` in the place of `file`, and puts back what was there. */
  async with(file: string, source: string, tests: readonly string[], limitMs: number): Promise<TestRun> {
    const path = join(this.folder, file);
    const before = readFileSync(path);
    writeFileSync(path, source);
    try {
      return await this.run(tests, limitMs);
    } finally {
      writeFileSync(path, before);
    }
  }

  async run(tests: readonly string[], limitMs: number): Promise<TestRun> {
    const began = Date.now();
    const vitest = join(this.folder, 'node_modules/vitest/vitest.mjs');
    const args = [vitest, 'run', '--config', 'mutate.vitest.config.ts', '--reporter=tap-flat', '--no-color'];
    const child = spawn(process.execPath, args, {
      cwd: this.folder,
      env: { ...process.env, MUTATE_TESTS: tests.join(), NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'ignore'],
      // A group of its own, so that what its tests have started ends with it.
      detached: true,
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    let isOver = false;
    const limit = setTimeout(() => {
      isOver = true;
      end(child.pid);
    }, limitMs);
    const [code] = (await once(child, 'exit')) as [number | null];
    clearTimeout(limit);
    end(child.pid);
    const ms = Date.now() - began;
    if (isOver) return { verdict: 'timed out', ms };
    if (code === 0) return { verdict: 'passed', ms };
    const failed = /^not ok \d+ - (\S+\.test\.ts)/m.exec(output)?.[1];
    const by = failed === undefined ? undefined : tests.find((test) => test.endsWith(failed));
    return { verdict: 'failed', ms, ...(by !== undefined && { by }) };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function end(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it has ended.
  }
}
