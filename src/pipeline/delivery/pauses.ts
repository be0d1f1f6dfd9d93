import type { Clock } from '../../domain/ports.ts';
import { pausedDelayMs } from '../../domain/retry-policy.ts';
import type { StorageAccount } from '../../storage/account.ts';
import { tables } from '../../storage/names.ts';
import { type Table, tableKey } from '../../storage/tables.ts';

/** A step whose messages wait because a person said so. */
export interface Pause {
  step: string;
  /** Who: only the same name resumes it without being told to. */
  by: string;
  /** ISO 8601, UTC. */
  at: string;
  reason: string;
}

/** How long a process goes by what it read: a pause or its end is noticed everywhere within this time. */
const CACHE_MS = 5000;
const PARTITION = 'pause';

/** Table `pauses`: the steps that are paused. */
export class Pauses {
  readonly #rows: Table;
  readonly #clock: Clock;
  #known: { pauses: Map<string, Pause>; readAt: number } | undefined;

  constructor(storage: Pick<StorageAccount, 'tables'>, clock: Clock) {
    this.#rows = storage.tables.table(tables.pauses);
    this.#clock = clock;
  }

  /** Pauses a step. @returns who has paused it already, where somebody has; then nothing changes */
  async pause(step: string, by: string, reason: string): Promise<Pause | undefined> {
    const at = new Date(this.#clock()).toISOString();
    const inserted = await this.#rows.insert(PARTITION, tableKey(step), { step, by, at, reason });
    this.#known = undefined;
    return inserted ? undefined : this.#read(step);
  }

  /** Ends the pause of a step. */
  async resume(step: string): Promise<void> {
    await this.#rows.delete(PARTITION, tableKey(step));
    this.#known = undefined;
  }

  /** The paused steps, by name. */
  async list(): Promise<Pause[]> {
    const pauses: Pause[] = [];
    for await (const { columns } of this.#rows.list({ partitionKey: PARTITION }))
      pauses.push(toPause(columns));
    return pauses;
  }

  /** For how long a message of this step is to wait, or undefined where the step is not paused. */
  async delayOf(step: string): Promise<number | undefined> {
    const now = this.#clock();
    if (!this.#known || now - this.#known.readAt >= CACHE_MS) {
      const pauses = new Map((await this.list()).map((pause) => [pause.step, pause]));
      this.#known = { pauses, readAt: now };
    }
    const pause = this.#known.pauses.get(step);
    if (!pause) return undefined;
    return pausedDelayMs(pause.at, now);
  }

  async #read(step: string): Promise<Pause | undefined> {
    const row = await this.#rows.get(PARTITION, tableKey(step));
    return row && toPause(row.columns);
  }
}

const toPause = (columns: Record<string, unknown>): Pause => ({
  step: String(columns.step),
  by: String(columns.by),
  at: String(columns.at),
  reason: String(columns.reason ?? ''),
});
