import { createHash } from 'node:crypto';
import { chunksOf, listOf } from '../../database/chunks.ts';
import type { Database, Row, Session } from '../../database/database.ts';
import { int, json, raw, type Sql, sql, text } from '../../database/sql.ts';
import type { PfifNote, PfifPerson } from './fields.ts';

type Reads = Pick<Session, 'read'>;

/** `here`: a person or note of ours is made of it. `erased`: all that is left is the hash. */
type RecordState = 'here' | 'erased';

/** A record of another organisation as it is remembered. */
export interface KnownRecord {
  readonly hash: string;
  readonly state: RecordState;
  readonly personId: string | null;
  /** Of the person when the record was last taken: where it has grown since, somebody here knows better. */
  readonly personVersion: number | null;
  /** As PFIF writes it. */
  readonly sourceDate: string | null;
}

/** By what a record is remembered: nobody can read an id out of it. Domains are the same in upper and lower case. */
export function recordHash(kind: 'person' | 'note', id: string): string {
  const slash = id.indexOf('/');
  const same = id.slice(0, slash).toLowerCase().replace(/\.$/, '') + id.slice(slash);
  return createHash('sha256').update(`${kind} ${same}`).digest('hex');
}

/** Those of the records that are known, by hash. */
export async function knownRecords(
  reads: Reads,
  hashes: Iterable<string>,
): Promise<Map<string, KnownRecord>> {
  const known = new Map<string, KnownRecord>();
  for (const some of chunksOf(hashes)) {
    const [rows = []] = await reads.read([
      sql`SELECT record_hash, state, person_id, person_version, source_date FROM pfif_record WHERE record_hash IN (${listOf(some)})`,
    ]);
    for (const row of rows) {
      known.set(row.record_hash as string, {
        hash: row.record_hash as string,
        state: row.state as RecordState,
        personId: row.person_id as string | null,
        personVersion: row.person_version as number | null,
        sourceDate: row.source_date as string | null,
      });
    }
  }
  return known;
}

/** Remembers a record of a person, as it is now. @param at ISO 8601, UTC */
export function keepPersonRecord(
  record: PfifPerson,
  { personId, personVersion, at }: { personId: string; personVersion: number; at: string },
): Sql[] {
  const hash = recordHash('person', record.person_record_id);
  return keepRecord(hash, 'person', record.person_record_id, record.source_date, at, {
    personId,
    personVersion,
    content: record,
  });
}

/** Keeps what is said of a person, in place of what the same note said before. */
export function keepNote(
  note: PfifNote,
  { id, personId, at }: { id: string; personId: string; at: string },
): Sql[] {
  const hash = recordHash('note', note.note_record_id);
  return [
    ...keepRecord(hash, 'note', note.note_record_id, note.source_date, at, { personId }),
    sql`DELETE FROM person_note WHERE record_hash = ${text(hash)}`,
    sql`INSERT INTO person_note (note_id, person_id, record_hash, status, source_date, entry_date, content)
      VALUES (${text(id)}, ${text(personId)}, ${text(hash)}, ${text(note.status)}, ${text(note.source_date)}, ${text(at)}, ${json(note)})`,
  ];
}

function keepRecord(
  hash: string,
  kind: 'person' | 'note',
  id: string,
  sourceDate: string,
  at: string,
  of: { personId: string; personVersion?: number; content?: PfifPerson },
): Sql[] {
  const values = sql`${text(id)}, ${text(of.personId)}, ${int(of.personVersion)}, ${text(sourceDate)}, ${json(of.content)}, ${text(at)}`;
  const columns = raw('record_id, person_id, person_version, source_date, content, changed_at');
  return [
    sql`UPDATE pfif_record SET record_id = ${text(id)}, person_id = ${text(of.personId)}, person_version = ${int(of.personVersion)},
      source_date = ${text(sourceDate)}, content = ${json(of.content)}, changed_at = ${text(at)} WHERE record_hash = ${text(hash)} AND state = 'here'`,
    sql`INSERT INTO pfif_record (record_hash, kind, state, ${columns}) SELECT ${text(hash)}, ${text(kind)}, 'here', ${values}
      WHERE NOT EXISTS (SELECT 1 FROM pfif_record WHERE record_hash = ${text(hash)})`,
  ];
}

/**
 * What an erasure of a person does here: notes go, and of its records nothing stays but the hash, so that the same file
 * does not bring it back.
 */
export const forgetRecords = (personId: string, at: string): Sql[] => [
  sql`DELETE FROM person_note WHERE person_id = ${text(personId)}`,
  sql`UPDATE pfif_record SET state = 'erased', record_id = NULL, person_id = NULL, person_version = NULL, source_date = NULL,
    content = NULL, enquiry_id = NULL, changed_at = ${text(at)} WHERE person_id = ${text(personId)}`,
];

/** Notes of persons, the oldest first. */
async function notesOf(reads: Reads, persons: readonly string[]): Promise<Map<string, PfifNote[]>> {
  const notes = new Map<string, PfifNote[]>();
  for (const some of chunksOf(persons)) {
    const [rows = []] = await reads.read([
      sql`SELECT person_id, content FROM person_note WHERE person_id IN (${listOf(some)}) ORDER BY person_id, source_date, note_id`,
    ]);
    for (const row of rows) {
      const person = row.person_id as string;
      notes.set(person, [...(notes.get(person) ?? []), JSON.parse(row.content as string) as PfifNote]);
    }
  }
  return notes;
}

/** Somebody whose record says that they are sought, and for whom no enquiry was ever opened by an import. */
export interface SoughtPerson {
  readonly personId: string;
  readonly record: PfifPerson;
  readonly minor: boolean;
}

/** Records as they are kept, and who follows from them. */
export class PfifLedger {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  notesOf(persons: readonly string[]): Promise<Map<string, PfifNote[]>> {
    return notesOf(this.#database, persons);
  }

  /** Those whose last word on their status says so, by id of the person. */
  async sought(query: { after?: string; limit: number }): Promise<SoughtPerson[]> {
    const [rows = []] = await this.#database.read([
      sql`SELECT r.person_id, r.content, p.minor FROM pfif_record r JOIN person p ON p.person_id = r.person_id
        WHERE r.kind = 'person' AND r.state = 'here' AND r.enquiry_id IS NULL AND r.person_id > ${text(query.after ?? '')}
          AND EXISTS (SELECT 1 FROM person_note n WHERE n.person_id = r.person_id AND n.status IN ('information_sought', 'believed_missing')
            AND NOT EXISTS (SELECT 1 FROM person_note l WHERE l.person_id = r.person_id AND l.status IS NOT NULL AND l.source_date > n.source_date))
          AND NOT EXISTS (SELECT 1 FROM enquiry e WHERE e.sought = r.person_id)
        ORDER BY r.person_id${this.#database.dialect.limit(query.limit)}`,
    ]);
    return rows.map((row) => ({
      personId: row.person_id as string,
      record: JSON.parse(row.content as string) as PfifPerson,
      minor: row.minor === 1,
    }));
  }

  /** Remembers that an enquiry was opened for a record: it is opened once, whatever becomes of it. */
  async enquiryOpened(personId: string, enquiryId: string): Promise<void> {
    await this.#database.write((session) =>
      session.run([
        sql`UPDATE pfif_record SET enquiry_id = ${text(enquiryId)} WHERE person_id = ${text(personId)} AND kind = 'person'`,
      ]),
    );
  }

  /**
   * Persons whom a record or an enquiry is about, by id: what an export chooses from.
   *
   * @param now ISO 8601, UTC
   */
  async exportable(query: { after?: string; limit: number }): Promise<ExportablePerson[]> {
    // Not a plain comparison: by the index of states all enquiries under way would be read for each person.
    const isUnderWay = raw(`COALESCE(e.state, '') IN ('open', 'candidate', 'verified')`);
    const [rows = []] = await this.#database.read([
      sql`SELECT p.person_id, p.full_name, p.alternate_names, p.sex, p.date_of_birth, p.description, p.source_name, p.source_date, p.source_url,
          p.entry_date, p.expiry_date, p.minor, p.hidden, p.changed_at, r.content,
          (SELECT COUNT(*) FROM enquiry e WHERE e.sought = p.person_id) AS enquiries,
          (SELECT COUNT(*) FROM enquiry e WHERE e.sought = p.person_id AND ${isUnderWay}) AS under_way,
          (SELECT COUNT(*) FROM enquiry e WHERE e.sought = p.person_id AND e.minor = 1) AS of_minor,
          (SELECT MIN(e.opened_at) FROM enquiry e WHERE e.sought = p.person_id AND ${isUnderWay}) AS opened_at,
          (SELECT MIN(e.enquiry_id) FROM enquiry e WHERE e.sought = p.person_id AND ${isUnderWay}) AS enquiry_id
        FROM person p LEFT JOIN pfif_record r ON r.person_id = p.person_id AND r.kind = 'person' AND r.state = 'here'
        WHERE p.person_id > ${text(query.after ?? '')}
          AND (r.record_hash IS NOT NULL OR EXISTS (SELECT 1 FROM enquiry e WHERE e.sought = p.person_id))
        ORDER BY p.person_id${this.#database.dialect.limit(query.limit)}`,
    ]);
    return rows.map(toExportable);
  }
}

/** A person as an export finds it. */
export interface ExportablePerson {
  readonly id: string;
  /** As the record came, where one did. */
  readonly record: PfifPerson | undefined;
  readonly fullName: string | null;
  readonly alternateNames: readonly string[];
  readonly sex: string | null;
  readonly dateOfBirth: string | null;
  readonly description: string | null;
  readonly sourceName: string | null;
  readonly sourceUrl: string | null;
  readonly entryDate: string;
  readonly expiryDate: string | null;
  readonly changedAt: string;
  readonly minor: boolean;
  readonly hidden: boolean;
  /** Whether an enquiry about the person has ended and none is under way. */
  readonly closed: boolean;
  readonly enquiry: { readonly id: string; readonly openedAt: string } | undefined;
}

function toExportable(row: Row): ExportablePerson {
  const given = (name: string) => row[name] as string | null;
  const enquiry = given('enquiry_id');
  return {
    id: row.person_id as string,
    record: row.content === null ? undefined : (JSON.parse(row.content as string) as PfifPerson),
    fullName: given('full_name'),
    alternateNames: JSON.parse(given('alternate_names') ?? '[]') as string[],
    sex: given('sex'),
    dateOfBirth: given('date_of_birth'),
    description: given('description'),
    sourceName: given('source_name'),
    sourceUrl: given('source_url'),
    entryDate: row.entry_date as string,
    expiryDate: given('expiry_date'),
    changedAt: row.changed_at as string,
    minor: row.minor === 1 || Number(row.of_minor) > 0,
    hidden: row.hidden === 1,
    closed: Number(row.enquiries) > 0 && Number(row.under_way) === 0,
    enquiry: enquiry === null ? undefined : { id: enquiry, openedAt: row.opened_at as string },
  };
}
