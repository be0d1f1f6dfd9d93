import type { App } from '../app.ts';
import type { Look, Target } from './subjects.ts';

/** A container, queue, table, SQL table or outside store, and what it may hold about an image. */
export interface Store {
  /** `blob:<container>`, `queue:<queue>`, `table:<table>`, `sql:<table>` or `vision:<what>`. */
  readonly name: string;
  readonly holds: string;
  /** How long it stays where nobody erases it. */
  readonly kept: string;
}

/** One or more stores that are erased by one deed. */
export interface Place {
  /** Each is counted under its own name. */
  readonly stores: readonly Store[];
  /** @returns by store name */
  count(target: Target, look: Look): Promise<Record<string, number>>;
  erase(target: Target, look: Look): Promise<void>;
}

/** The parts of the app that places work with. */
export type PlaceDeps = Pick<
  App,
  'storage' | 'journal' | 'deadLetters' | 'registry' | 'gallery' | 'results' | 'claimCheck' | 'settings'
>;

/** The wording for what stays until somebody erases it, or `RETENTION_DAYS` does. */
export const UNTIL_ERASED = 'until erased';
