import type { Database, Session } from '../../src/database/database.ts';
import { classify } from '../../src/database/sqlserver-errors.ts';

/** What a database did again without anybody being told. */
export interface Tries {
  /** Transactions that began once more. */
  again: number;
  /** Of those that failed: as the victim of a deadlock or of a lock. */
  contention: number;
}

/** Counts how often `write` runs its work again: a database tries by itself what lost against another. */
export function countingTries(database: Database): { database: Database; tries: Tries } {
  const tries: Tries = { again: 0, contention: 0 };
  const write = <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    let began = 0;
    return database.write(async (session) => {
      began += 1;
      if (began > 1) tries.again += 1;
      try {
        return await work(session);
      } catch (error) {
        if (classify(error) === 'contention') tries.contention += 1;
        throw error;
      }
    });
  };
  const counted = new Proxy(database, {
    get(of, name) {
      if (name === 'write') return write;
      // Bound, for private fields are known to the object itself alone.
      const value: unknown = Reflect.get(of, name, of);
      return typeof value === 'function' ? value.bind(of) : value;
    },
  });
  return { database: counted, tries };
}
