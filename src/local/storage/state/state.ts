import type { DatabaseSync } from 'node:sqlite';
import type { GroupCommit } from './group-commit.ts';

/** What the three services share. */
export interface State {
  readonly folder: string;
  readonly db: DatabaseSync;
  readonly group: GroupCommit;
}
