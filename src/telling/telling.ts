import { once } from '../domain/once.ts';
import type { Log, Random } from '../domain/ports.ts';
import type { Outbox } from '../results/outbox.ts';
import { deliver, type Told } from './deliver.ts';
import type { Receiver } from './receiver.ts';

interface TellingDeps {
  open(): Promise<Receiver | undefined>;
  outbox(): Promise<Outbox>;
  isBarred(batchId: string): Promise<boolean>;
  readonly random: Random;
}

/**
 * Sends what is in the outbox, to whom the settings name. Where they name nobody, events wait: who is named later is
 * told of what is still true by then.
 */
export class Telling {
  readonly #deps: TellingDeps;
  readonly #receiver: () => Promise<Receiver | undefined>;
  #running: Promise<unknown> = Promise.resolve();
  #isWaiting = false;

  constructor(deps: TellingDeps) {
    this.#deps = deps;
    this.#receiver = once(() => deps.open());
  }

  /** Who is told: "webhook", "topic", or undefined where nobody is. */
  async kind(): Promise<Receiver['kind'] | undefined> {
    return (await this.#receiver())?.kind;
  }

  /** Sends what is due. For a timer, and for whoever cannot wait for it. */
  async deliver(log: Log, signal: AbortSignal): Promise<Told | undefined> {
    const receiver = await this.#receiver();
    if (!receiver) return undefined;
    const { isBarred, random } = this.#deps;
    return deliver({ receiver, outbox: await this.#deps.outbox(), isBarred, random, log }, signal);
  }

  /**
   * Sends soon, after a commit that may have written something to tell: in the background, for nobody's work waits for
   * a receiver. What fails here the timer does.
   */
  nudge(log: Log, signal: AbortSignal): void {
    // One that has not begun yet will see what was committed by now.
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#running = this.#running
      .then(() => {
        this.#isWaiting = false;
        return this.deliver(log, signal);
      })
      .catch((error: unknown) => log.warn('telling.later', { code: (error as { code?: unknown }).code }));
  }

  /** Resolves once nothing is being sent by a nudge. */
  async settled(): Promise<void> {
    await this.#running;
  }
}
