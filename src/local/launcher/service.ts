import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../../domain/ports.ts';
import { Child, type ChildSpec, type Exit } from './child.ts';
import type { LogFile } from './log-file.ts';

export interface ServiceSpec extends ChildSpec {
  /** As people are told: "vision engine". */
  readonly title: string;
  /** Resolves once it answers; rejects when it never will. */
  ready(child: Child, signal: AbortSignal): Promise<void>;
  readonly startLimitMs: number;
  readonly stopLimitMs: number;
  /** Waits before each restart, in milliseconds; as many restarts as entries. None: its end is the end. */
  readonly restartAfterMs: readonly number[];
}

interface ServiceDeps {
  readonly log: LogFile;
  /** Takes every line of its output as well. */
  readonly echo?: (line: string) => void;
  /** Tells the operator something, in a sentence. */
  readonly say: (sentence: string) => void;
  readonly clock: Clock;
}

/** A part could not be started, or died too often; the message shows its last lines. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
}

/** Having run well for so long, its earlier deaths are forgiven. */
const FORGIVEN_AFTER_MS = 10 * 60_000;

/** One part of the local instance: a child process that is started, watched, restarted within limits, and stopped. */
export class Service {
  readonly spec: ServiceSpec;
  /** Rejects, with a ServiceError, when it is given up; else pending. */
  readonly lost: Promise<never>;
  readonly #deps: ServiceDeps;
  readonly #stopping = new AbortController();
  #giveUp: (error: ServiceError) => void = () => {};
  #child: Child | undefined;
  #watching: Promise<void> | undefined;

  constructor(spec: ServiceSpec, deps: ServiceDeps) {
    this.spec = spec;
    this.#deps = deps;
    const { promise, reject } = Promise.withResolvers<never>();
    this.lost = promise;
    this.lost.catch(() => {});
    this.#giveUp = reject;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts it and waits until it answers. @throws {ServiceError} */
  async start(): Promise<void> {
    await this.#run();
    this.#watching = this.#watch();
  }

  /** Stops it and waits for its end; safe to repeat. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#child?.stop(this.spec.stopLimitMs);
    await this.#watching;
  }

  /** Ends it at once. */
  kill(): void {
    this.#stopping.abort();
    this.#child?.kill();
  }

  async #run(): Promise<void> {
    const { title, startLimitMs } = this.spec;
    const child = new Child(this.spec, (line) => {
      this.#deps.log.write(line);
      this.#deps.echo?.(line);
    });
    this.#child = child;
    const giveUp = AbortSignal.timeout(startLimitMs);
    const tooLate = Promise.withResolvers<string>();
    giveUp.addEventListener('abort', () => tooLate.resolve(`did not answer within ${startLimitMs / 1000} s`));
    const trouble = await Promise.race([
      this.spec.ready(child, giveUp).then(
        () => undefined,
        (error: Error) => error.message,
      ),
      child.exited.then((exit) => `ended at once (${how(exit)})`),
      tooLate.promise,
    ]);
    if (trouble === undefined) return;
    // Its last words may still be on their way, and say more than a failed probe does.
    child.kill();
    await child.exited;
    throw this.#error(`The ${title} could not be started: it ${trouble}.`, child);
  }

  async #watch(): Promise<void> {
    const { title, restartAfterMs } = this.spec;
    let deaths = 0;
    for (;;) {
      const child = this.#child;
      if (!child) return;
      const since = this.#deps.clock();
      const exit = await child.exited;
      if (this.#stopping.signal.aborted) return;
      if (this.#deps.clock() - since > FORGIVEN_AFTER_MS) deaths = 0;
      let last = this.#error(`The ${title} ended unexpectedly (${how(exit)}).`, child);
      for (;;) {
        const wait = restartAfterMs[deaths];
        if (wait === undefined) return this.#giveUp(last);
        deaths += 1;
        this.#deps.say(
          `The ${title} ended unexpectedly (${how(exit)}). Restarting it (${deaths} of ${restartAfterMs.length}); nothing is lost, its images are taken up again. Log: ${this.#deps.log.path}`,
        );
        await delay(wait, undefined, { signal: this.#stopping.signal }).catch(() => {});
        if (this.#stopping.signal.aborted) return;
        const failed = await this.#run().then(
          () => undefined,
          (error: ServiceError) => error,
        );
        if (this.#stopping.signal.aborted) {
          await this.#child?.stop(this.spec.stopLimitMs);
          return;
        }
        if (!failed) break;
        last = failed;
      }
    }
  }

  #error(what: string, child: Child): ServiceError {
    const lines = child.lastLines();
    const said = lines.length > 0 ? `\nIts last lines:\n${lines.map((line) => `  ${line}`).join('\n')}` : '';
    return new ServiceError(`${what} Its log: ${this.#deps.log.path}${said}`);
  }
}

const how = ({ code, signal }: Exit): string =>
  signal !== null ? `signal ${signal}` : `exit code ${code ?? 'unknown'}`;
