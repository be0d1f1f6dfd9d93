import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Lines of output kept for error messages. */
const KEPT_LINES = 15;

export interface ChildSpec {
  /** Short and lower case: names its log. */
  readonly name: string;
  /** Script that Node runs. It must end by itself when its IPC channel closes. */
  readonly script: string;
  readonly args: readonly string[];
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder it runs in. */
  readonly cwd?: string;
}

export interface Exit {
  code: number | null;
  signal: string | null;
}

/** One run of a child process: its last lines, its messages, its end. */
export class Child {
  readonly pid: number | undefined;
  /** Never rejects. */
  readonly exited: Promise<Exit>;
  readonly #process: ChildProcess;
  readonly #lines: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();

  /** @param onLine takes every line it writes */
  constructor(spec: ChildSpec, onLine: (line: string) => void) {
    this.#process = fork(spec.script, [...spec.args], {
      env: { ...spec.env },
      execArgv: [...(spec.nodeArgs ?? [])],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A process group of its own: Ctrl-C in the terminal reaches the launcher only, which stops things in order.
      detached: true,
      // On Windows a group of its own comes with a console window of its own, which nobody wants to see.
      windowsHide: true,
      ...(spec.cwd !== undefined && { cwd: spec.cwd }),
    });
    this.pid = this.#process.pid;
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on('line', (line) => {
        this.#lines.push(line);
        if (this.#lines.length > KEPT_LINES) this.#lines.shift();
        onLine(line);
        for (const listen of this.#listeners) listen(line);
      });
    }
    const { promise, resolve } = Promise.withResolvers<Exit>();
    this.#process.once('close', (code, signal) => resolve({ code, signal }));
    this.#process.once('error', (error) => {
      this.#lines.push(error.message);
      if (this.#process.pid === undefined) resolve({ code: null, signal: null });
    });
    this.exited = promise;
  }

  lastLines(): readonly string[] {
    return this.#lines;
  }

  /** Resolves with the first line that fits, from now on. */
  line(fits: (line: string) => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const listen = (line: string) => {
      if (!fits(line)) return;
      this.#listeners.delete(listen);
      resolve();
    };
    this.#listeners.add(listen);
    return promise;
  }

  /** The first message it sends that `read` makes something of. */
  message<T>(read: (message: unknown) => T | undefined): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>();
    const listen = (message: unknown) => {
      const value = read(message);
      if (value === undefined) return;
      this.#process.off('message', listen);
      resolve(value);
    };
    this.#process.on('message', listen);
    return promise;
  }

  /** Asks it to end, makes it end after `limitMs`, and waits for that. Safe to repeat. */
  async stop(limitMs: number): Promise<Exit> {
    if (this.#process.connected) this.#process.send('shutdown', () => {});
    else this.#process.kill('SIGTERM');
    const limit = setTimeout(() => this.kill(), limitMs);
    const exit = await this.exited;
    clearTimeout(limit);
    return exit;
  }

  /** Ends it at once. */
  kill(): void {
    this.#process.kill('SIGKILL');
  }
}
