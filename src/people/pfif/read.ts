import { checkRecord, type LeftOut } from './check-record.ts';
import { RecordCutter } from './cut-records.ts';
import { decodeFile } from './decode-file.ts';
import { PFIF_FAULTS, type PfifFault, PfifFileError } from './faults.ts';
import type { PfifNote, PfifPerson } from './fields.ts';
import { parseFields } from './parse-fields.ts';
import type { RawRecord } from './raw-record.ts';

interface Place {
  /** Line of the file on which the record begins, from 1. */
  readonly line: number;
}

interface Taken extends Place {
  readonly leftOut: readonly LeftOut[];
  readonly unknown: readonly string[];
}

/** What a PFIF file holds, record by record. */
export type PfifEntry =
  | (Taken & { readonly kind: 'person'; readonly person: PfifPerson })
  | (Taken & { readonly kind: 'note'; readonly note: PfifNote })
  | PfifRefused;

interface PfifRefused extends Place {
  readonly kind: 'refused';
  readonly record: 'person' | 'note' | 'unknown';
  /** The record's own id, where it could be read. */
  readonly id?: string;
  readonly fault: PfifFault;
  readonly field?: string;
}

/**
 * The records of a PFIF file of any version, or of a feed that carries such: each person, then the notes inside it, as
 * they stand in the file. A record that cannot be taken is given as refused, with the reason, and reading goes on.
 * Memory does not grow with the file.
 *
 * @param chunks the bytes of the file
 * @throws {PfifFileError} after the records before it: not PFIF, a document type, an unknown encoding
 */
export async function* readPfif(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<PfifEntry> {
  const cutter = new RecordCutter();
  for await (const text of decodeFile(chunks)) {
    for (const raw of cutter.push(text)) yield* entriesOf(raw);
    if (cutter.failure) throw cutter.failure;
  }
  for (const raw of cutter.end()) yield* entriesOf(raw);
  if (cutter.failure) throw cutter.failure;
  if (!cutter.seen) {
    throw new PfifFileError(
      'NotPfif',
      'This is not PFIF: no element of it is in the namespace http://zesty.ca/pfif/1.4. Whoever made the file can say what it is.',
    );
  }
}

function* entriesOf(raw: RawRecord): Generator<PfifEntry> {
  if (raw.kind === 'note') return yield readNote(raw, {});
  if (raw.kind !== 'person') return yield refusal(raw, { fault: raw.broken ?? 'UnknownRecord' });
  const person = readPerson(raw);
  yield person;
  // A note in a person that was refused still says whom it is about where that could be read.
  const id = person.kind === 'person' ? person.person.person_record_id : person.id;
  for (const note of raw.notes) yield readNote(note, id === undefined ? {} : { person_record_id: id });
}

function readPerson(raw: RawRecord): PfifRefused | Extract<PfifEntry, { kind: 'person' }> {
  const fields = raw.broken ?? parseFields(raw);
  if (typeof fields === 'string') return refusal(raw, { fault: fields });
  const checked = checkRecord('person', fields);
  if ('fault' in checked) return refusal(raw, checked);
  const { values, leftOut, unknown } = checked;
  return { kind: 'person', line: raw.line, person: values as PfifPerson, leftOut, unknown };
}

function readNote(raw: RawRecord, known: Readonly<Record<string, string>>): PfifEntry {
  const fields = raw.broken ?? parseFields(raw);
  if (typeof fields === 'string') return refusal(raw, { fault: fields });
  const checked = checkRecord('note', fields, known);
  if ('fault' in checked) return refusal(raw, checked);
  const { values, leftOut, unknown } = checked;
  return { kind: 'note', line: raw.line, note: values as PfifNote, leftOut, unknown };
}

/** The id that a refused record names, to say which it is: on one line, and no longer than a person reads. */
const RECORD_ID_OF: Partial<Record<PfifRefused['record'], RegExp>> = {
  person: /[<:]person_record_id[^<>]{0,200}>[ \t]{0,20}([^<>&\n]{1,200})</,
  note: /[<:]note_record_id[^<>]{0,200}>[ \t]{0,20}([^<>&\n]{1,200})</,
};

function refusal(raw: RawRecord, { fault, field }: { fault: PfifFault; field?: string }): PfifRefused {
  const record = raw.kind === 'person' || raw.kind === 'note' ? raw.kind : 'unknown';
  const own = RECORD_ID_OF[record]?.exec(raw.xml)?.[1]?.trim();
  return {
    kind: 'refused',
    record,
    line: raw.line,
    fault,
    ...(own !== undefined && own !== '' && { id: own }),
    ...(field !== undefined && { field }),
  };
}

/** A refused record, in a sentence. */
export function refusalSentence({ record, line, id, fault, field }: PfifRefused): string {
  const what = record === 'unknown' ? 'element' : record;
  const named = id === undefined ? '' : ` (${id})`;
  const where = field === undefined ? '' : `: ${field}`;
  return `Line ${line}: the ${what}${named} ${PFIF_FAULTS[fault]}${where}.`;
}
