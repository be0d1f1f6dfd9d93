import type { Clock } from '../domain/ports.ts';
import { tombstoneOf } from '../domain/tombstone.ts';
import type { StorageAccount } from '../storage/account.ts';
import { tables } from '../storage/names.ts';
import type { Row, Table } from '../storage/tables.ts';
import { Hold, leaseIn } from './hold.ts';
import type { Receipt } from './receipt.ts';
import { type ErasureRequest, hashOfRequest } from './request.ts';
import type { Subject } from './subjects.ts';

/** An erasure as it is kept. */
export interface Entry {
  receipt: Receipt;
  /** Until the receipt is final, which forgets what it was about. */
  request: ErasureRequest | undefined;
  /** Whether the list of its images is complete. */
  selected: boolean;
  /** Whether what was found has been noted, of every place, for this pass. */
  counted: boolean;
  /** Places that have been erased since. */
  placesDone: number;
  /** Whether the audit has been told. */
  audited: boolean;
  /** Whether nothing is left that leads to its images, so that a sweep which begins after `settlesAt` sees the last of them. */
  ready: boolean;
}

interface Version {
  etag: string;
  leaseUntil: number;
}

const ERASURES = 'erasure';
const subjectsOf = (id: string) => `subjects:${id}`;

/** Table `erasures`: receipts, for good; and, until they are final, what they are about. */
export class Ledger {
  readonly #table: Table;
  readonly #clock: Clock;

  constructor(storage: StorageAccount, clock: Clock) {
    this.#table = storage.tables.table(tables.erasures);
    this.#clock = clock;
  }

  /** Writes down a new erasure, which this process has at once. */
  async begin(entry: Entry): Promise<Hold<Entry>> {
    const hold = await Hold.create<Entry>(this.#row(entry.receipt.id), this.#clock, entry);
    if (!hold) throw new Error('There is an erasure of this id already.');
    return hold;
  }

  #row(id: string) {
    return { table: this.#table, partitionKey: ERASURES, rowKey: id, columnsOf };
  }

  async get(id: string): Promise<(Entry & Version) | undefined> {
    const row = await this.#table.get(ERASURES, id);
    return row && toEntry(row);
  }

  /** Oldest first: an erasure's id begins with its time. */
  async *list(): AsyncGenerator<Entry & Version> {
    for await (const row of this.#table.list({ partitionKey: ERASURES })) yield toEntry(row);
  }

  /** Those that are not final. */
  async unfinished(): Promise<(Entry & Version)[]> {
    const entries: (Entry & Version)[] = [];
    const range = { partitionKey: ERASURES, whereNot: { state: 'final' } };
    for await (const row of this.#table.list(range)) entries.push(toEntry(row));
    return entries;
  }

  /** An erasure that was asked for in the same words and is not final: one that is not through, or else the latest. */
  async unfinishedOf(request: ErasureRequest): Promise<Entry | undefined> {
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
  async take(id: string): Promise<Hold<Entry> | undefined> {
    const entry = await this.get(id);
    return entry && Hold.take<Entry>(this.#row(id), this.#clock, entry, entry);
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

const columnsOf = (entry: Entry) => ({
  receipt: JSON.stringify(entry.receipt),
  state: entry.receipt.state,
  request: entry.request && JSON.stringify(entry.request),
  requestHash: entry.request && hashOfRequest(entry.request),
  selected: entry.selected,
  placesDone: entry.placesDone,
  counted: entry.counted,
  audited: entry.audited,
  ready: entry.ready,
});

function toEntry({ columns, etag }: Row): Entry & Version {
  const { request } = columns;
  return {
    receipt: JSON.parse(String(columns.receipt)),
    request: typeof request === 'string' && request !== '' ? JSON.parse(request) : undefined,
    selected: columns.selected === true,
    placesDone: Number(columns.placesDone ?? 0),
    counted: columns.counted === true,
    audited: columns.audited === true,
    ready: columns.ready === true,
    etag,
    leaseUntil: leaseIn(columns),
  };
}
