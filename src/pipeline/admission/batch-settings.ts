import type { Consent } from '../../domain/consent.ts';
import type { Clock } from '../../domain/ports.ts';
import type { StorageAccount } from '../../storage/account.ts';
import { tables } from '../../storage/names.ts';
import { type Columns, type Table, tableKey } from '../../storage/tables.ts';

/** What is said of a batch, and by whom. */
export interface BatchSetting {
  batchId: string;
  consent: Consent;
  /** Whether FACEPRINT_RETENTION_DAYS leaves its faces alone: they can be found as long as their images are kept. */
  keepFaceprints: boolean;
  /** When that was taken back last: ISO 8601, UTC. */
  keptUntil?: string;
  /** Who changed it last. */
  by: string;
  /** ISO 8601, UTC. */
  at: string;
  /** Whether jobs and faces that were there before are still to be brought in line. */
  pending: boolean;
}

/** What changes: null takes a value away, absent leaves it. */
export interface ConsentChange {
  purpose?: string | null | undefined;
  legalBasis?: string | null | undefined;
  expires?: string | null | undefined;
  doNotMatch?: boolean | undefined;
  keepFaceprints?: boolean | undefined;
}

const ROW = 'settings';
const TRIES = 20;

/** For so long, in milliseconds, a process may go by what it has read, where it asks once more before that counts. */
const RECENT_MS = 5000;

/** Batches remembered: of more than one process has under way. */
const MOST = 1000;

/** Table `batchsettings`: one row per batch of which something was said, partition = batch. */
export class BatchSettings {
  readonly #rows: Table;
  readonly #clock: Clock;
  readonly #recent = new Map<string, { setting: BatchSetting | undefined; at: number }>();

  constructor(storage: Pick<StorageAccount, 'tables'>, clock: Clock) {
    this.#rows = storage.tables.table(tables.batchSettings);
    this.#clock = clock;
  }

  async get(batchId: string): Promise<BatchSetting | undefined> {
    const at = this.#clock();
    const row = await this.#rows.get(tableKey(batchId), ROW);
    const setting = row && toSetting(row.columns);
    // Of two reads at once the one that began later counts.
    if (at < (this.#recent.get(batchId)?.at ?? at)) return setting;
    this.#recent.delete(batchId);
    this.#recent.set(batchId, { setting, at });
    const [oldest] = this.#recent.keys();
    if (this.#recent.size > MOST && oldest !== undefined) this.#recent.delete(oldest);
    return setting;
  }

  /** The same, at most five seconds old: for who asks `get` before anything that follows from it can be seen. */
  async recent(batchId: string): Promise<BatchSetting | undefined> {
    const known = this.#recent.get(batchId);
    const age = known ? this.#clock() - known.at : RECENT_MS;
    return known && age >= 0 && age < RECENT_MS ? known.setting : this.get(batchId);
  }

  /** Changes what is said of a batch; what was there before is brought in line by `applyConsent`. */
  async change(batchId: string, change: ConsentChange, by: string): Promise<BatchSetting> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const row = await this.#rows.get(tableKey(batchId), ROW);
      const before = row && toSetting(row.columns);
      const consent = changed(before?.consent, change);
      const at = new Date(this.#clock()).toISOString();
      const keepFaceprints = change.keepFaceprints ?? before?.keepFaceprints === true;
      const keptUntil = before?.keepFaceprints && !keepFaceprints ? at : before?.keptUntil;
      const setting: BatchSetting = {
        ...{ batchId, consent, keepFaceprints, by, at, pending: true },
        ...(keptUntil !== undefined && { keptUntil }),
      };
      const written = row
        ? await this.#rows.update(tableKey(batchId), ROW, toColumns(setting), row.etag)
        : await this.#rows.insert(tableKey(batchId), ROW, toColumns(setting));
      this.#recent.delete(batchId);
      if (written) return setting;
    }
    throw new Error('The settings of the batch kept changing: try again.');
  }

  /** All that was there before is in line with `setting`, unless it has changed since. */
  async applied({ batchId, at }: BatchSetting): Promise<void> {
    const row = await this.#rows.get(tableKey(batchId), ROW);
    if (!row || toSetting(row.columns).at !== at) return;
    await this.#rows.update(tableKey(batchId), ROW, { pending: false }, row.etag);
  }

  /** Has the timer bring everything in line once more: an older change may have been written over this one's. */
  async reopen(batchId: string): Promise<void> {
    const row = await this.#rows.get(tableKey(batchId), ROW);
    // Where the row has changed since, that change has left it pending.
    if (row) await this.#rows.update(tableKey(batchId), ROW, { pending: true }, row.etag);
  }

  /** Takes back whatever was said of a batch: it is no more. */
  async forget(batchId: string): Promise<void> {
    await this.#rows.delete(tableKey(batchId), ROW);
    this.#recent.delete(batchId);
  }

  /** Every batch that has settings. */
  async *list(): AsyncGenerator<BatchSetting> {
    for await (const { columns } of this.#rows.list({})) yield toSetting(columns);
  }
}

function changed(before: Consent | undefined, change: ConsentChange): Consent {
  const value = (name: 'purpose' | 'legalBasis' | 'expires') => {
    const given = change[name] === undefined ? before?.[name] : change[name];
    return given === undefined || given === null || given === '' ? {} : { [name]: given };
  };
  return {
    ...value('purpose'),
    ...value('legalBasis'),
    ...value('expires'),
    doNotMatch: change.doNotMatch ?? before?.doNotMatch ?? false,
  };
}

/** A merge cannot remove a property: an empty string stands for "none". */
const toColumns = ({
  batchId,
  consent,
  keepFaceprints,
  keptUntil,
  by,
  at,
  pending,
}: BatchSetting): Columns => ({
  batchId,
  purpose: consent.purpose ?? '',
  legalBasis: consent.legalBasis ?? '',
  expires: consent.expires ?? '',
  doNotMatch: consent.doNotMatch,
  keepFaceprints,
  keptUntil: keptUntil ?? '',
  changedBy: by,
  changedAt: at,
  pending,
});

function toSetting(columns: Record<string, unknown>): BatchSetting {
  const text = (name: string) => {
    const value = columns[name];
    return typeof value === 'string' && value !== '' ? { [name]: value } : {};
  };
  return {
    batchId: String(columns.batchId),
    consent: {
      ...text('purpose'),
      ...text('legalBasis'),
      ...text('expires'),
      doNotMatch: columns.doNotMatch === true,
    },
    keepFaceprints: columns.keepFaceprints === true,
    ...text('keptUntil'),
    by: String(columns.changedBy ?? ''),
    at: String(columns.changedAt ?? ''),
    pending: columns.pending !== false,
  };
}
