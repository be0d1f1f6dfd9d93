import type { Clock } from '../domain/ports.ts';
import type { Settings } from '../domain/settings.ts';
import type { Enquiries } from '../people/enquiry/enquiries.ts';
import type { People } from '../people/people.ts';
import type { BatchSettings } from '../pipeline/admission/batch-settings.ts';
import type { Registry } from '../pipeline/definition/registry.ts';
import type { DeadLetters } from '../pipeline/journal/dead-letters.ts';
import type { Journal } from '../pipeline/journal/journal.ts';
import type { ClaimCheck } from '../pipeline/message/claim-check.ts';
import type { ResultStore } from '../results/store.ts';
import type { StorageAccount } from '../storage/account.ts';
import type { EnrolledFaces } from '../vision/gallery/galleries.ts';
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
  /**
   * What is there makes other images mention the erased ones: before it is known to be empty, nobody can say of the
   * others that they do not.
   */
  readonly leads?: boolean;
}

/** The parts of the app that an erasure works with. */
export interface ErasureParts {
  readonly storage: StorageAccount;
  readonly journal: Journal;
  readonly deadLetters: DeadLetters;
  readonly registry: Registry;
  readonly claimCheck: ClaimCheck;
  readonly batches: Pick<BatchSettings, 'get' | 'list' | 'forget'>;
  readonly settings: Settings;
  readonly clock: Clock;
  gallery(): EnrolledFaces;
  results(): Promise<ResultStore>;
  people(): Promise<People>;
  enquiries(): Promise<Pick<Enquiries, 'refresh'>>;
}

/** Those that places work with. */
export type PlaceDeps = Omit<ErasureParts, 'clock'>;

/** The wording for what stays until somebody erases it, or `RETENTION_DAYS` does. */
export const UNTIL_ERASED = 'until erased';
