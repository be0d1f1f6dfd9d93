import { createHash, randomUUID } from 'node:crypto';
import type { Row } from '../database/database.ts';
import { storableText } from '../database/sql.ts';
import { AUDIT_ACTIONS, type AuditAction } from './actions.ts';
import { isSubject } from './subject.ts';

/** What somebody is about to do, or has just been shown. */
export interface AuditRequest {
  /** The name the platform signed the person in by, `function key`, or `user@computer` at the command line. */
  who: string;
  action: AuditAction;
  /** What it is about, as `subject` writes it; none where it is about everything. */
  about?: readonly string[];
  /** Codes and figures; no personal data. */
  detail?: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
}

/** A request as it is written: made once, so that a transaction which runs again writes it once. */
export interface PreparedEntry {
  /** Random: by it the entry is recognised when the answer to its commit was lost. */
  readonly id: string;
  /** ISO 8601, UTC, with milliseconds. */
  readonly at: string;
  readonly who: string;
  readonly action: AuditAction;
  /** JSON array. */
  readonly about: string;
  /** JSON object. */
  readonly detail: string;
}

export interface AuditEntry {
  /** 1, 2, 3 ...: the place in the chain. */
  sequence: number;
  id: string;
  at: string;
  who: string;
  action: string;
  about: string[];
  detail: Record<string, unknown>;
  /** Hash of the entry before. */
  previous: string;
  /** SHA-256, in hex, of all above but the sequence, which the chain itself gives. */
  hash: string;
}

/** `previous` of the first entry. */
export const GENESIS = '0'.repeat(64);

const MAX_WHO = 256;
/** Subjects of one entry. */
const MAX_SUBJECTS = 100;

/** @throws {TypeError} where a subject tells more than an id: a bug of the caller */
export function prepareEntry(
  { who, action, about = [], detail = {} }: AuditRequest,
  now: number,
): PreparedEntry {
  if (!(action in AUDIT_ACTIONS)) throw new TypeError('An audit entry has an unknown action.');
  if (!about.every(isSubject)) throw new TypeError('An audit entry is about opaque ids only.');
  const told = about.length > MAX_SUBJECTS ? { ...detail, subjects: about.length } : detail;
  return {
    id: randomUUID(),
    at: new Date(now).toISOString(),
    who: storableText(who).slice(0, MAX_WHO).toWellFormed(),
    action,
    about: JSON.stringify(about.slice(0, MAX_SUBJECTS)),
    detail: JSON.stringify(told),
  };
}

/** Over what stands in the columns, so that any change of a stored character changes it. */
export const hashOf = (
  { id, at, who, action, about, detail }: Omit<PreparedEntry, 'action'> & { action: string },
  previous: string,
): string =>
  createHash('sha256')
    .update(JSON.stringify([id, at, who, action, about, detail, previous]))
    .digest('hex');

/** An entry's columns as they are stored. */
export interface StoredEntry extends Omit<PreparedEntry, 'action'> {
  sequence: number;
  action: string;
  previous: string;
  hash: string;
}

export const ENTRY_COLUMNS =
  'sequence, entry_id, recorded_at, who, action, about, detail, previous_hash, hash';

export const storedEntry = (row: Row): StoredEntry => ({
  sequence: row.sequence as number,
  id: row.entry_id as string,
  at: row.recorded_at as string,
  who: row.who as string,
  action: row.action as string,
  about: row.about as string,
  detail: row.detail as string,
  previous: row.previous_hash as string,
  hash: row.hash as string,
});

/** For reading; what an intruder wrote in place of JSON is shown as nothing, and found by `verify`. */
export function toEntry({ about, detail, ...rest }: StoredEntry): AuditEntry {
  const subjects = parsed(about);
  const told = parsed(detail);
  return {
    ...rest,
    about: Array.isArray(subjects) ? subjects.filter((one) => typeof one === 'string') : [],
    detail: typeof told === 'object' && told !== null && !Array.isArray(told) ? { ...told } : {},
  };
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
