import type { Clock } from '../domain/ports.ts';
import { isToCome } from '../domain/wrong-clock.ts';
import type { Columns, Table } from '../storage/tables.ts';

/** How long whoever works on a row has it for itself, without a sign of life. */
const LEASE_MS = 2 * 60_000;

/** Until when somebody has a row for itself, in milliseconds since 1970. */
export const leaseIn = ({ leaseUntil }: Readonly<Record<string, unknown>>): number =>
  Date.parse(String(leaseUntil)) || 0;

interface HeldRow<T> {
  table: Table;
  partitionKey: string;
  rowKey: string;
  columnsOf(entry: T): Columns;
}

/** A row of table `erasures` that this process works on: an erasure, or a sweep. */
export class Hold<T> {
  readonly #row: HeldRow<T>;
  readonly #clock: Clock;
  readonly entry: T;
  #etag: string;
  /** Writes come one after the other: each needs the ETag of the one before. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(row: HeldRow<T>, clock: Clock, entry: T, etag: string) {
    this.#row = row;
    this.#clock = clock;
    this.entry = entry;
    this.#etag = etag;
  }

  /** Writes a new row, which nobody else has yet. @returns undefined where there is one of this key */
  static async create<T>(row: HeldRow<T>, clock: Clock, entry: T): Promise<Hold<T> | undefined> {
    const leaseUntil = new Date(clock() + LEASE_MS).toISOString();
    const columns = { ...row.columnsOf(entry), leaseUntil };
    const etag = await row.table.create(row.partitionKey, row.rowKey, columns);
    return etag === undefined ? undefined : new Hold(row, clock, entry, etag);
  }

  /** @returns undefined where another process came first */
  static async take<T>(
    row: HeldRow<T>,
    clock: Clock,
    entry: T,
    { etag, leaseUntil }: { etag: string; leaseUntil: number },
  ): Promise<Hold<T> | undefined> {
    if (isToCome(leaseUntil, clock(), LEASE_MS)) return undefined;
    const hold = new Hold(row, clock, entry, etag);
    return (await hold.save()) ? hold : undefined;
  }

  /** Writes the entry as it is now and keeps the hold. @returns false where another process has taken it over */
  save(): Promise<boolean> {
    return this.#write(LEASE_MS);
  }

  /** As `save`. @throws where another process has taken it over */
  async keep(): Promise<void> {
    if (!(await this.save())) throw new Error('Another process has taken this erasure over.');
  }

  /** Writes the entry and lets go. */
  release(): Promise<boolean> {
    return this.#write(0);
  }

  /**
   * Keeps the hold while the work goes on, however long a place takes: a service may ask to wait for minutes.
   *
   * @param everyMs milliseconds between signs of life
   * @returns what ends it
   */
  keepAlive(everyMs = LEASE_MS / 4): () => void {
    // One that fails is no harm: the next write says whether the hold is lost.
    const timer = setInterval(() => void this.save().catch(() => {}), everyMs);
    return () => clearInterval(timer);
  }

  #write(leaseMs: number): Promise<boolean> {
    const turn = this.#last.then(() => this.#replace(leaseMs));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #replace(leaseMs: number): Promise<boolean> {
    const { table, partitionKey, rowKey, columnsOf } = this.#row;
    // As text: what a table gives back for a large whole number is another type.
    const leaseUntil = new Date(leaseMs === 0 ? 0 : this.#clock() + leaseMs).toISOString();
    const columns = { ...columnsOf(this.entry), leaseUntil };
    const etag = await table.replace(partitionKey, rowKey, columns, this.#etag);
    if (etag === undefined) return false;
    this.#etag = etag;
    return true;
  }
}
