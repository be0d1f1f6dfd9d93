import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
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
import type { LaneAnswer, LaneTask } from './lane.ts';

/** What a run of tests came to. */
export interface TestRun {
  readonly verdict: 'passed' | 'failed' | 'timed out';
  /** The test file that noticed. */
  readonly by?: string;
  readonly ms: number;
  /** How long each test took, in milliseconds. */
  readonly took?: Readonly<Record<string, number>>;
}

/** Copies the project as it is, what is not committed included, so that it can be worked on meanwhile. */
export function copyProject(): string {
  const folder = mkdtempSync(join(tmpdir(), 'imaginem-mutate-'));
  const list = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' });
  for (const file of list.split('\n').filter((name) => name !== '')) {
    const to = join(folder, file);
    mkdirSync(dirname(to), { recursive: true });
    try {
      cpSync(file, to);
    } catch {
      // Deleted, and not committed yet.
    }
  }
  symlinkSync(realpathSync('node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** The process, and its end. */
interface Lane {
  readonly child: ChildProcess;
  readonly ended: Promise<undefined>;
}

/** A copy of the project in which one fault at a time is planted, and a process that runs tests there. */
export class Sandbox {
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;
  #lane: Promise<Lane> | undefined;
  /** Since the process that runs the tests has last looked. */
  readonly #changed = new Set<string>();

  /** @param project a copy that nobody changes */
  constructor(project: string, env: NodeJS.ProcessEnv) {
    this.folder = mkdtempSync(join(tmpdir(), 'imaginem-mutate-'));
    cpSync(project, this.folder, { recursive: true, verbatimSymlinks: true });
    this.#env = env;
  }

  /** Runs tests with `source` in the place of `file`, and puts back what was there. */
  async with(file: string, source: string, tests: readonly string[], limitMs: number): Promise<TestRun> {
    const path = join(this.folder, file);
    const before = readFileSync(path);
    writeFileSync(path, source);
    this.#changed.add(file);
    try {
      return await this.run(tests, limitMs);
    } finally {
      writeFileSync(path, before);
      this.#changed.add(file);
    }
  }

  async run(tests: readonly string[], limitMs: number): Promise<TestRun> {
    const { child, ended } = await this.#running();
    const began = Date.now();
    const changed = [...this.#changed];
    this.#changed.clear();
    const answers = once(child, 'message') as Promise<[LaneAnswer]>;
    child.send({ changed, tests } satisfies LaneTask);
    const over = Promise.withResolvers<undefined>();
    const limit = setTimeout(() => over.resolve(undefined), limitMs);
    const answer = await Promise.race([answers.then(([said]) => said), over.promise, ended]);
    clearTimeout(limit);
    const ms = Date.now() - began;
    // Without an answer it hangs, or has ended: what comes next has another.
    if (!answer) {
      this.stop();
      return { verdict: 'timed out', ms };
    }
    const { failed, took } = answer;
    return {
      verdict: failed === undefined ? 'passed' : 'failed',
      ms,
      took,
      ...(failed !== undefined && { by: failed }),
    };
  }

  #running(): Promise<Lane> {
    this.#lane ??= (async () => {
      const child = spawn(process.execPath, [join(this.folder, 'scripts/mutate/lane.ts')], {
        cwd: this.folder,
        // A fault can make a loop that never ends and keeps all it makes.
        env: { ...process.env, ...this.#env, NODE_OPTIONS: '--max-old-space-size=2000' },
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        // A group of its own, so that what its tests have started ends with it.
        detached: true,
      });
      const ended = once(child, 'exit').then(() => undefined);
      const isReady = await Promise.race([once(child, 'message'), ended]);
      if (!isReady) throw new Error('The process that runs the tests did not start.');
      return { child, ended };
    })();
    return this.#lane;
  }

  stop(): void {
    this.#lane?.then(({ child }) => end(child.pid));
    this.#lane = undefined;
    this.#changed.clear();
  }

  remove(): void {
    this.stop();
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
