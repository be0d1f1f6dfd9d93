import { MAX_RETRY_AFTER_MS } from '../domain/retry-after.ts';
import { isToCome } from '../domain/wrong-clock.ts';
import type { Table } from '../storage/tables.ts';

/** Tries at writing a row that others write too; each loss means that someone else's delay was written. */
const WRITE_TRIES = 5;

/** Where app instances tell each other that a service asked for fewer calls. */
export interface SharedThrottle {
  /** Milliseconds since the epoch before which no call may start, 0 where nobody said so. */
  read(): Promise<number>;
  /** Makes `notBefore` known unless a later time is known already. */
  postpone(notBefore: number): Promise<void>;
}

/** One row per service in the table `throttle`: `nextCallAt`, an ISO 8601 time, moved forward alone but where no clock that is right can have set it. */
export function tableThrottle(table: Table, service: string): SharedThrottle {
  const read = () => table.get('vision', service);
  const timeOf = (row: Awaited<ReturnType<typeof read>>): number => {
    const time = Date.parse(String(row?.columns.nextCallAt));
    return Number.isNaN(time) ? 0 : time;
  };
  return {
    read: async () => timeOf(await read()),
    async postpone(notBefore) {
      const columns = { nextCallAt: new Date(notBefore).toISOString() };
      for (let attempt = 0; attempt < WRITE_TRIES; attempt++) {
        const row = await read();
        const known = timeOf(row);
        if (known >= notBefore && isToCome(known, notBefore - 1, MAX_RETRY_AFTER_MS)) return;
        const written = row
          ? await table.update('vision', service, columns, row.etag)
          : await table.insert('vision', service, columns);
        if (written) return;
      }
    },
  };
}
