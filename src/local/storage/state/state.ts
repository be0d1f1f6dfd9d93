import type { DatabaseSync } from 'node:sqlite';
import type { GroupCommit, StoragePoint } from './group-commit.ts';

/** What the three services share. */
export interface State {
  readonly folder: string;
  /** Its statements write a bound limit as `LIMIT ? + 0`: a bare one lets SQLite compile them anew with each value. */
  readonly db: DatabaseSync;
  readonly group: GroupCommit;
  /** Tells a test of a moment that a power cut is of interest at. */
  readonly at: (point: StoragePoint) => void;
}
