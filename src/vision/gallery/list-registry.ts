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
const MOST: Record<Tier, number> = { fresh: FRESH_LISTS, large: LARGE_LISTS };

/**
 * The lists in use, a row each in the table `faceindex`. A list is registered before the first face is added to it, so
 * that whoever reads the registry after an enrolment has every list which an earlier enrolment used.
 */
export class ListRegistry {
  readonly #table: Table;
  readonly #prefix: string;

  constructor(table: Table, prefix: string) {
    this.#table = table;
    this.#prefix = prefix;
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
    const rows: ListRow[] = [];
    for await (const row of this.#table.list({ partitionKey: PARTITION })) {
      const list = toListRow(row);
      if (list.listId === this.listId(list.tier, list.number)) rows.push(list);
    }
    return rows.sort((a, b) => a.number - b.number);
  }

  async get(listId: string): Promise<ListRow | undefined> {
    const row = await this.#table.get(PARTITION, listId);
    return row && toListRow(row);
  }

  async register(tier: Tier, number: number): Promise<void> {
    const columns = { tier, number, full: false, epoch: 0, trainedEpoch: 0, phase: 'idle', before: '' };
    await this.#table.insert(PARTITION, this.listId(tier, number), columns);
  }

  async remove(list: ListRow): Promise<void> {
    await this.#table.delete(PARTITION, list.listId);
  }

  /** @returns false where another instance changed the row meanwhile */
  update(
    list: ListRow,
    columns: Partial<Omit<ListRow, 'tier' | 'number' | 'listId' | 'etag'>>,
  ): Promise<boolean> {
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
