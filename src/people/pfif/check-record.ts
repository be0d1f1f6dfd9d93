import type { PfifFault } from './faults.ts';
import { type FieldKind, NOTE_FIELDS, PERSON_FIELDS, RENAMED, REQUIRED } from './fields.ts';
import type { RawField } from './parse-fields.ts';
import { normalText, normalValue } from './values.ts';

/** A field of a record that was taken without it. */
export interface LeftOut {
  readonly field: string;
  readonly fault: PfifFault;
}

/** What a record says, as far as PFIF allows it. */
interface CheckedRecord {
  readonly values: Readonly<Record<string, string>>;
  readonly leftOut: readonly LeftOut[];
  /** Names of elements that PFIF does not have; what they say is not kept. */
  readonly unknown: readonly string[];
}

interface Refusal {
  readonly fault: PfifFault;
  readonly field?: string;
}

/** Fields of these kinds decide who is meant, until when, and what is believed: wrong there, the record is refused. */
const DECISIVE: ReadonlySet<FieldKind> = new Set(['id', 'time', 'status']);

/**
 * Holds the elements of a record against PFIF. What is wrong in a field that decides nothing leaves that field out, for
 * a person is worth more than a postal code.
 *
 * @param known what the place of the record says of it: the person that a note stands in
 */
export function checkRecord(
  kind: 'person' | 'note',
  fields: readonly RawField[],
  known: Readonly<Record<string, string>> = {},
): CheckedRecord | Refusal {
  const kinds: Readonly<Record<string, FieldKind>> = kind === 'person' ? PERSON_FIELDS : NOTE_FIELDS;
  const values: Record<string, string> = {};
  const leftOut: LeftOut[] = [];
  const unknown: string[] = [];
  for (const { name, isPfif, text } of fields) {
    const field = Object.hasOwn(kinds, name) ? name : (RENAMED[name] ?? name);
    const fieldKind = isPfif && Object.hasOwn(kinds, field) ? kinds[field] : undefined;
    if (fieldKind === undefined) {
      unknown.push(name);
      continue;
    }
    const plain = text === undefined ? undefined : normalText(text, fieldKind);
    if (plain === '') continue;
    const value = plain === undefined ? undefined : normalValue(fieldKind, plain);
    const fault = faultOf(plain, value, values[field]);
    if (fault === undefined) {
      values[field] = value as string;
      continue;
    }
    if (DECISIVE.has(fieldKind)) return { fault, field };
    leftOut.push({ field, fault });
  }
  return complete(kind, values, known) ?? { values, leftOut, unknown };
}

function faultOf(
  plain: string | undefined,
  value: string | undefined,
  earlier: string | undefined,
): PfifFault | undefined {
  if (plain === undefined) return 'NotText';
  if (value === undefined) return 'NotAllowed';
  return earlier === undefined || earlier === value ? undefined : 'Repeated';
}

/** Adds what follows from other fields. @returns why the record cannot be taken */
function complete(
  kind: 'person' | 'note',
  values: Record<string, string>,
  known: Readonly<Record<string, string>>,
): Refusal | undefined {
  for (const [field, value] of Object.entries(known)) {
    if ((values[field] ?? value) !== value) return { fault: 'OtherPerson', field };
    values[field] = value;
  }
  // Before 1.3 a person had no full name, and no record had to say when it was made.
  const name = [values.given_name, values.family_name].filter((part) => part !== undefined).join(' ');
  if (kind === 'person' && name !== '') values.full_name ??= name;
  if (values.entry_date !== undefined) values.source_date ??= values.entry_date;
  // The placeholder of an expired record has no name.
  if (kind === 'person' && values.expiry_date !== undefined) values.full_name ??= '';
  const missing = REQUIRED[kind].find((field) => values[field] === undefined);
  return missing === undefined ? undefined : { fault: 'Missing', field: missing };
}
