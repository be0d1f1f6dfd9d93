import { crc32 } from 'node:zlib';
import type { StorageAccount } from '../../storage/account.ts';
import { tables } from '../../storage/names.ts';
import type { Table } from '../../storage/tables.ts';

/** A walk over the input container, under way or done. Times are milliseconds since 1970. */
export interface Walk {
  startedAt: number;
  /** Blobs written before this time were asked about by an earlier walk, and are passed over until their turn; 0: none is. */
  since: number;
  /** When the walk before began: old blobs whose turn came between the two are asked about again. */
  after: number;
  /** Where the listing goes on: '' at its beginning, absent once the walk is done. */
  from?: string;
}

/** Where the last walk is remembered. */
export interface WalkMemory {
  read(): Promise<Walk | undefined>;
  write(walk: Walk): Promise<void>;
}

/** For as long as the process lives. */
export function walkInMemory(): WalkMemory {
  let last: Walk | undefined;
  return {
    read: async () => last,
    write: async (walk) => {
      last = walk;
    },
  };
}

/** In a table row: where a process may end after any run, a walk that takes several must go on all the same. */
export function walkInTable(storage: StorageAccount): WalkMemory {
  const rows: Table = storage.tables.table(tables.reconcile);
  return {
    async read() {
      const row = await rows.get('walk', 'last');
      if (!row) return undefined;
      const { startedAt, since, after, under, from } = row.columns;
      const walk = { startedAt: Number(startedAt), since: Number(since), after: Number(after) };
      // Of an older version, or what nobody can read: as if there were none.
      if (!Object.values(walk).every(Number.isFinite)) return undefined;
      return {
        ...walk,
        ...(under === true && { from: String(from) }),
      };
    },
    // Doubles hold milliseconds; the SDK would make a table's 32-bit integer of a number.
    write: ({ startedAt, since, after, from }) =>
      rows.upsert('walk', 'last', {
        startedAt: String(startedAt),
        since: String(since),
        after: String(after),
        under: from !== undefined,
        // A merge leaves what is absent: the name at which it had got to would stay.
        from: from ?? '',
      }),
  };
}

const DAY_MS = 24 * 3_600_000;

/**
 * Whether the turn of a blob to be asked about again came between two walks. Each name has one moment of the day, so that a
 * day of walks, however many, asks about every blob once, and each walk about as many as its share of the day.
 */
export function isTurnOf(name: string, { after, startedAt }: Pick<Walk, 'after' | 'startedAt'>): boolean {
  const untilTurn = (((crc32(name) - after) % DAY_MS) + DAY_MS) % DAY_MS || DAY_MS;
  return untilTurn <= startedAt - after;
}
