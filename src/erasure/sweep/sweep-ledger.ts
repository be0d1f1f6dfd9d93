import { randomBytes } from 'node:crypto';
import type { Clock } from '../../domain/ports.ts';
import type { StorageAccount } from '../../storage/account.ts';
import { tables } from '../../storage/names.ts';
import type { Row, Table } from '../../storage/tables.ts';
import { Hold, leaseIn } from '../hold.ts';
import { emptyTally, type Tally } from './tally.ts';

/** A look through everything, under way or ended. */
export interface Sweep {
  /** Begins with its time. */
  id: string;
  /** Whether every erasure that it looks for is known: later ones wait for another sweep. */
  gathered: boolean;
  /** The places it is through with. */
  done: readonly string[];
  /** Where the place after those goes on; empty at its beginning. */
  from: string;
  /** Stores that could not be looked through, and why. */
  unknown: Readonly<Record<string, string>>;
  /** Milliseconds that it has worked. */
  workedMs: number;
  /** ISO 8601; empty until it is through. */
  endedAt: string;
}

const SWEEPS = 'sweep';
const talliesOf = (sweep: string) => `sweep:${sweep}`;

/** Table `erasures`: the sweep under way, the last that ended, and what they have found of each erasure. */
export class SweepLedger {
  readonly #table: Table;
  readonly #clock: Clock;

  constructor(storage: StorageAccount, clock: Clock) {
    this.#table = storage.tables.table(tables.erasures);
    this.#clock = clock;
  }

  /** Begins one, which this process has at once. */
  async begin(): Promise<Hold<Sweep>> {
    const at = new Date(this.#clock()).toISOString().replace(/[-:.]/g, '');
    const id = `${at}-${randomBytes(4).toString('hex')}`;
    const sweep = { id, gathered: false, done: [], from: '', unknown: {}, workedMs: 0, endedAt: '' };
    const hold = await Hold.create<Sweep>(this.#row(id), this.#clock, sweep);
    if (!hold) throw new Error('There is a sweep of this id already.');
    return hold;
  }

  #row(id: string) {
    return { table: this.#table, partitionKey: SWEEPS, rowKey: id, columnsOf };
  }

  async get(id: string): Promise<Sweep | undefined> {
    const row = await this.#table.get(SWEEPS, id);
    return row && toSweep(row);
  }

  /** Oldest first. */
  async list(): Promise<Sweep[]> {
    const sweeps: Sweep[] = [];
    for await (const row of this.#table.list({ partitionKey: SWEEPS })) sweeps.push(toSweep(row));
    return sweeps;
  }

  /** @returns undefined where another process is at work on it */
  async take(id: string): Promise<Hold<Sweep> | undefined> {
    const found = await this.#table.get(SWEEPS, id);
    const version = found && { etag: found.etag, leaseUntil: leaseIn(found.columns) };
    return version && Hold.take<Sweep>(this.#row(id), this.#clock, toSweep(found), version);
  }

  async remove(id: string): Promise<void> {
    const range = { partitionKey: talliesOf(id), select: [] };
    for await (const { rowKey } of this.#table.list(range)) await this.removeTally(id, rowKey);
    await this.#table.delete(SWEEPS, id);
  }

  async tally(sweep: string, receipt: string): Promise<Tally> {
    const row = await this.#table.get(talliesOf(sweep), receipt);
    return row ? JSON.parse(String(row.columns.tally)) : emptyTally();
  }

  async keepTally(sweep: string, receipt: string, tally: Tally): Promise<void> {
    await this.#table.upsert(talliesOf(sweep), receipt, { tally: JSON.stringify(tally) });
  }

  async removeTally(sweep: string, receipt: string): Promise<void> {
    await this.#table.delete(talliesOf(sweep), receipt);
  }
}

const columnsOf = ({ gathered, done, from, unknown, workedMs, endedAt }: Sweep) => ({
  gathered,
  done: JSON.stringify(done),
  from,
  unknown: JSON.stringify(unknown),
  workedMs: String(Math.round(workedMs)),
  endedAt,
});

const toSweep = ({ rowKey, columns }: Row): Sweep => ({
  id: rowKey,
  gathered: columns.gathered === true,
  done: JSON.parse(String(columns.done)),
  from: String(columns.from ?? ''),
  unknown: JSON.parse(String(columns.unknown)),
  workedMs: Number(columns.workedMs),
  endedAt: String(columns.endedAt ?? ''),
});
