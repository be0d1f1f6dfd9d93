import type { ResultStore } from '../../src/results/store.ts';

/** A database under test, empty at the start of each test. */
export interface Subject {
  /** A store of its own on the database; not migrated. */
  open(): Promise<ResultStore>;
  /** Runs any statement, as an administrator would. */
  administer(sql: string): Promise<void>;
  /** App settings by which other processes reach the database; absent where none can. */
  env?: Record<string, string>;
  clear(): Promise<void>;
}
