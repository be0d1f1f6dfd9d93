import { escapeXml } from '../../domain/xml-text.ts';
import {
  type FieldKind,
  NOTE_FIELDS,
  PERSON_FIELDS,
  PFIF_NAMESPACE,
  type PfifNote,
  type PfifPerson,
  REQUIRED,
} from './fields.ts';
import { normalText } from './values.ts';

/** What a PFIF 1.4 document begins and ends with. */
export const PFIF_HEAD = `<?xml version="1.0" encoding="UTF-8"?>\n<pfif:pfif xmlns:pfif="${PFIF_NAMESPACE}">\n`;
export const PFIF_FOOT = '</pfif:pfif>\n';

/**
 * One person with the notes about it, as they stand in a document: fields in the order of the specification, notes
 * last. Empty fields are left out, except those that every record has.
 */
export function personXml(person: PfifPerson, notes: readonly PfifNote[] = []): string {
  const inside = notes.map((note) => noteXml(note, '    ')).join('');
  return `  <pfif:person>\n${fieldsXml(PERSON_FIELDS, REQUIRED.person, person, '    ')}${inside}  </pfif:person>\n`;
}

/** A note of a person that stands elsewhere. */
export function noteXml(note: PfifNote, indent = '  '): string {
  return `${indent}<pfif:note>\n${fieldsXml(NOTE_FIELDS, REQUIRED.note, note, `${indent}  `)}${indent}</pfif:note>\n`;
}

function fieldsXml(
  fields: Readonly<Record<string, FieldKind>>,
  required: readonly string[],
  record: Readonly<Record<string, string | undefined>>,
  indent: string,
): string {
  let xml = '';
  for (const [field, kind] of Object.entries(fields)) {
    const value = normalText(record[field] ?? '', kind);
    if (value === '' && !required.includes(field)) continue;
    xml += `${indent}<pfif:${field}>${escapeXml(value)}</pfif:${field}>\n`;
  }
  return xml;
}
