import type { Clock } from '../domain/ports.ts';
import type { ServiceFailure } from '../domain/service-breaker.ts';
import type { Table } from './tables.ts';

const PARTITION = 'breaker';

/** A note whose probe is so long overdue, in milliseconds, is of a process that is no more. */
const STALE_MS = 5 * 60_000;

/** For so long, in milliseconds, a list is good enough: pages ask every second or two. */
const KEPT_MS = 2000;

/** What processes tell each other of services in trouble: whoever answers for health need not be the one that works. */
export class ServiceTroubles {
  readonly #table: Table;
  readonly #clock: Clock;
  #telling: Promise<void> = Promise.resolve();
  #kept: { until: number; list: Promise<ServiceFailure[]> } | undefined;

  constructor(table: Table, clock: Clock) {
    this.#table = table;
    this.#clock = clock;
  }

  /** Notes that a service is in trouble, or no longer. What storage refuses is not told: nothing depends on it. */
  tell(failure: ServiceFailure, isOpen: boolean): void {
    const row = Buffer.from(`${failure.service}/${failure.operation}`).toString('base64url');
    const write = async (): Promise<void> => {
      if (isOpen) await this.#table.upsert(PARTITION, row, { failure: JSON.stringify(failure) });
      else await this.#table.delete(PARTITION, row);
    };
    // One after the other, so that the last word stands.
    this.#telling = this.#telling.then(write).catch(() => {});
  }

  /** Resolves when all that was told is written. */
  told(): Promise<void> {
    return this.#telling;
  }

  /** Of all processes, at most two seconds old. */
  list(): Promise<ServiceFailure[]> {
    const now = this.#clock();
    if (this.#kept && now < this.#kept.until) return this.#kept.list;
    const list = this.#read();
    this.#kept = { until: now + KEPT_MS, list };
    list.catch(() => {
      this.#kept = undefined;
    });
    return list;
  }

  async #read(): Promise<ServiceFailure[]> {
    const found: ServiceFailure[] = [];
    for await (const { columns } of this.#table.list({ partitionKey: PARTITION })) {
      const failure = JSON.parse(String(columns.failure)) as ServiceFailure;
      if (this.#clock() - failure.probeAt < STALE_MS) found.push(failure);
    }
    return found;
  }
}
