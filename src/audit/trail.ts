import type { Database } from '../database/database.ts';
import { int, join, raw, type Sql, sql, text } from '../database/sql.ts';
import type { Clock } from '../domain/ports.ts';
import { appendEntry } from './append.ts';
import {
  type AuditEntry,
  type AuditRequest,
  ENTRY_COLUMNS,
  prepareEntry,
  storedEntry,
  toEntry,
} from './entry.ts';
import { isSubject } from './subject.ts';
import { type AuditHead, type AuditVerification, verifyChain } from './verify.ts';

export interface AuditFilter {
  action?: string;
  /** As `subject` writes it. */
  about?: string;
  /** Entries before this place in the chain. */
  before?: number;
  /** 1 to 1000; 100 by default. */
  limit?: number;
}

/**
 * Who did what: a chain of entries that is only ever added to. The database refuses to change or remove one.
 *
 * `record` is called before the effect and before an answer is given, and its failure is the action's: nothing is
 * done or shown that the trail does not know of. So an entry says that somebody was let in to do it; whether it then
 * came to an end, the journal and the results say.
 */
export class AuditTrail {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** @throws {OutageError} where it could not be written: then the action must not go on */
  async record(request: AuditRequest): Promise<void> {
    const entry = prepareEntry(request, this.#clock());
    await this.#database.write((session) => appendEntry(session, entry));
  }

  /** Newest first. */
  async list({ action, about, before, limit = 100 }: AuditFilter = {}): Promise<AuditEntry[]> {
    const conditions: Sql[] = [];
    if (action !== undefined) conditions.push(sql`action = ${text(action)}`);
    if (before !== undefined) conditions.push(sql`sequence < ${int(before)}`);
    if (about !== undefined) {
      // A subject has no character that LIKE gives a meaning to.
      if (!isSubject(about)) return [];
      conditions.push(sql`about LIKE ${text(`%"${about}"%`)}`);
    }
    const where = conditions.length === 0 ? sql`` : sql` WHERE ${join(conditions, ' AND ')}`;
    const most = this.#database.dialect.limit(Math.min(Math.max(limit, 1), 1000));
    const [rows = []] = await this.#database.read([
      sql`SELECT ${raw(ENTRY_COLUMNS)} FROM audit_entry${where} ORDER BY sequence DESC${most}`,
    ]);
    return rows.map((row) => toEntry(storedEntry(row)));
  }

  /** @param expected heads that were noted elsewhere */
  verify(expected: readonly AuditHead[] = []): Promise<AuditVerification> {
    return verifyChain(this.#database, expected);
  }

  /** The latest entry: what is noted elsewhere. Undefined where nothing was recorded yet. */
  async head(): Promise<AuditHead | undefined> {
    const [rows] = await this.#database.read([sql`SELECT sequence, hash FROM audit_head WHERE id = 1`]);
    const { sequence, hash } = rows?.[0] ?? {};
    return sequence == null ? undefined : { sequence: sequence as number, hash: hash as string };
  }
}
