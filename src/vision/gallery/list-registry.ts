import type { Clock } from '../../domain/ports.ts';
import type { Columns, Row, Table } from '../../storage/tables.ts';
import { FRESH_LISTS, LARGE_LISTS } from './limits.ts';

export type Tier = 'fresh' | 'large';

/** Where the training of a LargeFaceList stands: see training.ts. */
type TrainingPhase = 'idle' | 'preparing' | 'training';

export interface ListRow {
  tier: Tier;
  number: number;
  listId: string;
  /** It refused a face because it holds as many as it can. */
  full: boolean;
  epoch: number;
  trainedEpoch: number;
  phase: TrainingPhase;
  /** Mark of the service's training state before the training under way. */
  before: string;
  /** Since when an empty fresh list takes no more faces, in milliseconds since the epoch; 0 while open. */
  closingAt: number;
  /** It is about to be deleted: see closing.ts. */
  closed: boolean;
  etag: string;
}

const PARTITION = 'lists';

/** For so long, in milliseconds, an enrolment goes by what its process has read. */
const RECENT_MS = 5000;
const MOST: Record<Tier, number> = { fresh: FRESH_LISTS, large: LARGE_LISTS };

/**
 * The lists in use, a row each in the table `faceindex`. A list is registered before the first face is added to it, so
 * that whoever reads the registry after an enrolment has every list which an earlier enrolment used.
 */
export class ListRegistry {
  readonly #table: Table;
  readonly #prefix: string;
  readonly #clock: Clock;
  #recent: { rows: readonly ListRow[]; at: number } | undefined;

  constructor(table: Table, prefix: string, clock: Clock) {
    this.#table = table;
    this.#prefix = prefix;
    this.#clock = clock;
  }

  listId(tier: Tier, number: number): string {
    return `${this.#prefix}-${tier}-${String(number).padStart(2, '0')}`;
  }

  /** Numbers of the lists that a tier may have, lowest first. */
  numbers(tier: Tier): number[] {
    return Array.from({ length: MOST[tier] }, (_, number) => number);
  }

  /** All registered lists of this environment, lowest number first; never from memory. */
  async read(): Promise<ListRow[]> {
    const at = this.#clock();
    const rows: ListRow[] = [];
    for await (const row of this.#table.list({ partitionKey: PARTITION })) {
      const list = toListRow(row);
      if (list.listId === this.listId(list.tier, list.number)) rows.push(list);
    }
    rows.sort((a, b) => a.number - b.number);
    this.#recent = { rows, at };
    return [...rows];
  }

  /**
   * The same as of a few seconds ago, for who adds a face and is told by the service where a list has gone or is full: a
   * list that is to be closed waits far longer for those who may not know so (see closing.ts). Never for a search.
   */
  async recent(): Promise<readonly ListRow[]> {
    const known = this.#recent;
    const age = known ? this.#clock() - known.at : RECENT_MS;
    const isGood =
      age >= 0 && age < RECENT_MS && !known?.rows.some((list) => list.closed || list.closingAt > 0);
    return known && isGood ? known.rows : this.read();
  }

  async get(listId: string): Promise<ListRow | undefined> {
    const row = await this.#table.get(PARTITION, listId);
    return row && toListRow(row);
  }

  async register(tier: Tier, number: number): Promise<void> {
    const columns = { tier, number, full: false, epoch: 0, trainedEpoch: 0, phase: 'idle', before: '' };
    this.#recent = undefined;
    await this.#table.insert(PARTITION, this.listId(tier, number), columns);
  }

  async remove(list: ListRow): Promise<void> {
    this.#recent = undefined;
    await this.#table.delete(PARTITION, list.listId);
  }

  /** @returns false where another instance changed the row meanwhile */
  update(
    list: ListRow,
    columns: Partial<Omit<ListRow, 'tier' | 'number' | 'listId' | 'etag'>>,
  ): Promise<boolean> {
    this.#recent = undefined;
    const { closingAt, ...others } = columns;
    const all = {
      ...others,
      ...(closingAt !== undefined && { closingAt: new Date(closingAt).toISOString() }),
    };
    return this.#table.update(PARTITION, list.listId, all as Columns, list.etag);
  }
}

function toListRow({ rowKey, columns, etag }: Row): ListRow {
  return {
    tier: columns.tier === 'large' ? 'large' : 'fresh',
    number: Number(columns.number),
    listId: rowKey,
    full: columns.full === true,
    epoch: Number(columns.epoch),
    trainedEpoch: Number(columns.trainedEpoch),
    phase: columns.phase === 'preparing' || columns.phase === 'training' ? columns.phase : 'idle',
    before: String(columns.before ?? ''),
    closingAt: Date.parse(String(columns.closingAt)) || 0,
    closed: columns.closed === true,
    etag,
  };
}

/** The copy is in a training that succeeded: it can be found. */
export const isTrained = (list: ListRow | undefined, copy: { epoch: number }): boolean =>
  list !== undefined && copy.epoch < list.trainedEpoch;
