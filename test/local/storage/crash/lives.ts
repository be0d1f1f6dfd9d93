import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { accountOf } from '../wire/account.ts';
import { WireClient } from '../wire/client.ts';

const ACCOUNT = 'teststore';
const KEY = Buffer.alloc(64, 'k').toString('base64');
const START_LIMIT_MS = 60_000;

/** Where a life of the service ends by itself, and at the how manieth time. */
interface End {
  readonly point: string;
  readonly n: number;
}

/** One life of the service, from its start to its kill. */
export class Life {
  readonly client: WireClient;
  readonly ended: Promise<unknown>;
  readonly startMs: number;
  readonly #child: ChildProcess;
  readonly #unexpected: string[];

  private constructor(child: ChildProcess, connectionString: string, startMs: number, unexpected: string[]) {
    this.#child = child;
    this.client = new WireClient(accountOf(connectionString));
    this.ended = once(child, 'exit');
    this.startMs = startMs;
    this.#unexpected = unexpected;
  }

  /** @throws with what it said where it does not come up */
  static async begin(folder: string): Promise<Life> {
    const started = Date.now();
    const script = fileURLToPath(new URL('./victim.ts', import.meta.url));
    const child = fork(script, [folder], {
      env: { ...process.env, STORAGE_ACCOUNTS: `${ACCOUNT}:${KEY}` },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const unexpected: string[] = [];
    const ready = Promise.withResolvers<string>();
    const limit = setTimeout(() => {
      child.kill('SIGKILL');
      ready.reject(new Error(`The service did not start within ${START_LIMIT_MS / 1000} s: ${said}`));
    }, START_LIMIT_MS);
    child.on('message', (message: { connectionString?: string; unexpected?: string }) => {
      if (message.connectionString !== undefined) ready.resolve(message.connectionString);
      if (message.unexpected !== undefined) unexpected.push(message.unexpected);
    });
    child.once('exit', () => ready.reject(new Error(`The service ended while it started: ${said}`)));
    try {
      return new Life(child, await ready.promise, Date.now() - started, unexpected);
    } finally {
      clearTimeout(limit);
    }
  }

  get isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** @returns what should not have happened in it */
  get unexpected(): readonly string[] {
    return this.#unexpected;
  }

  /** From now on it ends by itself when it comes to a point. */
  arm(end: End): void {
    this.#child.send(end);
  }

  async kill(): Promise<void> {
    if (!this.isOver) this.#child.kill('SIGKILL');
    await this.ended;
    this.client.close();
  }
}
