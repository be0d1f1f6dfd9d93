import type { Clock } from '../domain/ports.ts';
import { tombstoneOf } from '../domain/tombstone.ts';
import type { StorageAccount } from '../storage/account.ts';
import { tables } from '../storage/names.ts';
import type { Row, Table } from '../storage/tables.ts';
import type { Receipt } from './receipt.ts';
import { type ErasureRequest, hashOfRequest } from './request.ts';
import type { Subject } from './subjects.ts';

/** An erasure as it is kept. */
interface Entry {
  receipt: Receipt;
  /** Until the receipt is final, which forgets what it was about. */
  request: ErasureRequest | undefined;
  /** Whether the list of its images is complete. */
  selected: boolean;
  /** Places that this pass is through with. */
  placesDone: number;
  /** Whether what was found in the place after those has been noted. */
  placeBegun: boolean;
  /** Whether the audit has been told. */
  audited: boolean;
}

interface Version {
  etag: string;
  leaseUntil: number;
}

const ERASURES = 'erasure';
const subjectsOf = (id: string) => `subjects:${id}`;

/** How long whoever works on an erasure has it for itself, without a sign of life. */
const LEASE_MS = 2 * 60_000;

/** Table `erasures`: receipts, for good; and, until they are final, what they are about. */
export class Ledger {
  readonly #table: Table;
  readonly #clock: Clock;

  constructor(storage: StorageAccount, clock: Clock) {
    this.#table = storage.tables.table(tables.erasures);
    this.#clock = clock;
  }

  async add(entry: Entry): Promise<void> {
    await this.#table.insert(ERASURES, entry.receipt.id, columnsOf(entry, 0));
  }

  async get(id: string): Promise<(Entry & Version) | undefined> {
    const row = await this.#table.get(ERASURES, id);
    return row && toEntry(row);
  }

  /** Oldest first: an erasure's id begins with its time. */
  async *list(): AsyncGenerator<Entry & Version> {
    for await (const row of this.#table.list({ partitionKey: ERASURES })) yield toEntry(row);
  }

  /** An erasure that was asked for in the same words and is not final: one that is not through, or else the latest. */
  async unfinished(request: ErasureRequest): Promise<Entry | undefined> {
    let latest: Entry | undefined;
    const where = { requestHash: hashOfRequest(request) };
    for await (const row of this.#table.list({ partitionKey: ERASURES, where })) {
      latest = toEntry(row);
      if (latest.receipt.state === 'running') break;
    }
    return latest;
  }

  /**
   * Takes an erasure to work on it.
   *
   * @returns how to write to it, or undefined where another process is at work on it
   */
  async take(id: string): Promise<Hold | undefined> {
    const entry = await this.get(id);
    if (!entry || entry.leaseUntil > this.#clock()) return undefined;
    const hold = new Hold(this.#table, this.#clock, entry, entry.etag);
    return (await hold.save()) ? hold : undefined;
  }

  async addSubjects(id: string, subjects: readonly Subject[]): Promise<void> {
    for (const subject of subjects) {
      const { source, ...about } = subject;
      await this.#table.upsert(subjectsOf(id), tombstoneOf(subject.id), {
        ...about,
        source: source && JSON.stringify(source),
      });
    }
  }

  async subjects(id: string): Promise<Subject[]> {
    const subjects: Subject[] = [];
    for await (const { columns } of this.#table.list({ partitionKey: subjectsOf(id) })) {
      const { source } = columns;
      subjects.push({
        id: String(columns.id),
        batchId: String(columns.batchId),
        imageUrl: String(columns.imageUrl),
        ...(typeof source === 'string' && { source: JSON.parse(source) }),
      });
    }
    return subjects;
  }

  async removeSubjects(id: string): Promise<void> {
    for await (const { partitionKey, rowKey } of this.#table.list({
      partitionKey: subjectsOf(id),
      select: [],
    }))
      await this.#table.delete(partitionKey, rowKey);
  }
}

/** An erasure that this process works on. */
export class Hold {
  readonly #table: Table;
  readonly #clock: Clock;
  readonly entry: Entry;
  #etag: string;
  /** Writes come one after the other: each needs the ETag of the one before. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(table: Table, clock: Clock, entry: Entry, etag: string) {
    this.#table = table;
    this.#clock = clock;
    this.entry = entry;
    this.#etag = etag;
  }

  /** Writes the entry as it is now and keeps the hold. @returns false where another process has taken it over */
  save(): Promise<boolean> {
    return this.#write(LEASE_MS);
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
    const { id } = this.entry.receipt;
    if (
      !(await this.#table.replace(
        ERASURES,
        id,
        columnsOf(this.entry, leaseMs === 0 ? 0 : this.#clock() + leaseMs),
        this.#etag,
      ))
    )
      return false;
    this.#etag = (await this.#table.get(ERASURES, id))?.etag ?? '';
    return true;
  }
}

const columnsOf = (entry: Entry, leaseUntil: number) => ({
  receipt: JSON.stringify(entry.receipt),
  state: entry.receipt.state,
  request: entry.request && JSON.stringify(entry.request),
  requestHash: entry.request && hashOfRequest(entry.request),
  selected: entry.selected,
  placesDone: entry.placesDone,
  placeBegun: entry.placeBegun,
  audited: entry.audited,
  // As text: what a table gives back for a large whole number is another type.
  leaseUntil: new Date(leaseUntil).toISOString(),
});

function toEntry({ columns, etag }: Row): Entry & Version {
  const { request } = columns;
  return {
    receipt: JSON.parse(String(columns.receipt)),
    request: typeof request === 'string' && request !== '' ? JSON.parse(request) : undefined,
    selected: columns.selected === true,
    placesDone: Number(columns.placesDone ?? 0),
    placeBegun: columns.placeBegun === true,
    audited: columns.audited === true,
    etag,
    leaseUntil: Date.parse(String(columns.leaseUntil)) || 0,
  };
}
