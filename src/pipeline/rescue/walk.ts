import type { StorageAccount } from '../../storage/account.ts';
import { tables } from '../../storage/names.ts';
import type { Table } from '../../storage/tables.ts';

/** A walk over the input container, under way or done. Times are milliseconds since 1970. */
export interface Walk {
  startedAt: number;
  /** Blobs written before this time were asked about by an earlier walk and are passed over; 0: none is. */
  since: number;
  /** When the last walk that passed none over began. */
  fullAt: number;
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
      const { startedAt, since, fullAt, under, from } = row.columns;
      return {
        startedAt: Number(startedAt),
        since: Number(since),
        fullAt: Number(fullAt),
        ...(under === true && { from: String(from) }),
      };
    },
    // Doubles hold milliseconds; the SDK would make a table's 32-bit integer of a number.
    write: ({ startedAt, since, fullAt, from }) =>
      rows.upsert('walk', 'last', {
        startedAt: String(startedAt),
        since: String(since),
        fullAt: String(fullAt),
        under: from !== undefined,
        from,
      }),
  };
}
