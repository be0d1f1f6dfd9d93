import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../domain/ports.ts';

/** Waits after the first rounds of tries, in milliseconds, and after every later one. */
const FIRST_WAITS_MS = [200, 1000, 2000, 5000, 15_000];
const WAIT_MS = 60_000;

/** What keeps the containers, tables and queues from being made. */
interface PreparationTrouble {
  readonly error: unknown;
  /** When the first round failed, in milliseconds since the epoch. */
  readonly since: number;
  readonly rounds: number;
}

/**
 * Makes what the app needs in its storage account, for as long as it takes. A host that starts while the account is
 * away, or before its identity's role has reached the account, loses nothing by it: its messages wait.
 */
export class Preparation {
  readonly #ensure: () => Promise<void>;
  readonly #clock: Clock;
  readonly #wait: (ms: number, signal: AbortSignal) => Promise<void>;
  #trouble: PreparationTrouble | undefined;
  #running: Promise<void> | undefined;

  constructor(
    ensure: () => Promise<void>,
    clock: Clock,
    // A timer of this loop holds no process open.
    wait = async (ms: number, signal: AbortSignal) => delay(ms, undefined, { signal, ref: false }),
  ) {
    this.#ensure = ensure;
    this.#clock = clock;
    this.#wait = wait;
  }

  /** Undefined where nothing has gone wrong, or no longer is. */
  get trouble(): PreparationTrouble | undefined {
    return this.#trouble;
  }

  /**
   * Begins, once.
   *
   * @param onTrouble told of the first failure, and of each that is another than the one before
   * @returns a promise of the end; it never rejects
   */
  begin(signal: AbortSignal, onTrouble: (error: unknown) => void): Promise<void> {
    this.#running ??= this.#run(signal, onTrouble);
    return this.#running;
  }

  async #run(signal: AbortSignal, onTrouble: (error: unknown) => void): Promise<void> {
    for (let round = 1; !signal.aborted; round += 1) {
      try {
        await this.#ensure();
        this.#trouble = undefined;
        return;
      } catch (error) {
        const before = this.#trouble;
        this.#trouble = { error, since: before?.since ?? this.#clock(), rounds: round };
        if (before === undefined || causeOf(before.error) !== causeOf(error)) onTrouble(error);
      }
      await this.#wait(FIRST_WAITS_MS[round - 1] ?? WAIT_MS, signal).catch(() => {});
    }
  }
}

/** Class, code and status of an error: its text may quote a request. */
export function causeOf(error: unknown): string {
  const { name, code, statusCode } = Object(error) as {
    name?: unknown;
    code?: unknown;
    statusCode?: unknown;
  };
  const status = typeof statusCode === 'number' ? ` (HTTP ${statusCode})` : '';
  return `${String(code ?? name ?? 'Error')}${status}`;
}
