import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Instance } from '../../../src/cli/instance.ts';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const MAIN = path.join(ROOT, 'src/local/main.ts');
const LIMIT_MS = 180_000;

/** The launcher as an operator has it: a process, its output, its end. */
export class Launcher {
  readonly data: string;
  readonly child: ChildProcess;
  readonly lines: string[] = [];
  /** Everything it wrote, to see that nothing but text is among it. */
  output = '';
  readonly #changes = new EventEmitter();
  readonly #exit: Promise<number | null>;

  /** @param options `shell`: as npm runs it, in a shell that outlives its start */
  constructor(
    data: string,
    options: { args?: readonly string[]; shell?: boolean; env?: NodeJS.ProcessEnv } = {},
  ) {
    const { args = [], shell = false, env = {} } = options;
    this.data = data;
    const command = [process.execPath, MAIN, '--data', data, '--invisibility', '2', ...args];
    const [file = '', ...rest] = shell ? ['sh', '-c', '"$@"; true', 'sh', ...command] : command;
    this.child = spawn(file, rest, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env, npm_lifecycle_event: shell ? 'start' : undefined },
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (!stream) continue;
      stream.on('data', (chunk) => {
        this.output += String(chunk);
      });
      createInterface({ input: stream }).on('line', (line) => {
        this.lines.push(line);
        this.#changes.emit('change');
      });
    }
    this.#exit = once(this.child, 'close').then(([code]) => {
      this.#changes.emit('change');
      return code;
    });
  }

  /** The first line that fits, as soon as it is there. */
  async said(words: RegExp): Promise<string> {
    const signal = AbortSignal.timeout(LIMIT_MS);
    for (;;) {
      const line = this.lines.find((one) => words.test(one));
      if (line !== undefined) return line;
      if (this.child.exitCode !== null) throw new Error(`Never said ${words}:\n${this.output}`);
      await once(this.#changes, 'change', { signal }).catch(() => {
        throw new Error(`Waited in vain for ${words}:\n${this.output}`);
      });
    }
  }

  /** Its exit code. */
  ended(): Promise<number | null> {
    return this.#exit;
  }

  async instance(): Promise<Instance> {
    return JSON.parse(await readFile(path.join(this.data, 'instance.json'), 'utf8'));
  }

  /** The processes it has started, by a word of their command line. Linux only, as this suite's machine is. */
  async children(of = this.child.pid): Promise<Map<string, number>> {
    const file = `/proc/${of}/task/${of}/children`;
    const pids = (await readFile(file, 'utf8')).trim().split(' ').map(Number);
    const found = new Map<string, number>();
    for (const pid of pids) {
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8');
      const [, name] = /(storage\/main|azurite-process|vision\/main|host\/main)\.ts/.exec(command) ?? [];
      if (name !== undefined) found.set(name.replace(/[-/].*/, ''), pid);
    }
    return found;
  }
}
