import fc from 'fast-check';
import {
  type FieldKind,
  NOTE_FIELDS,
  PERSON_FIELDS,
  PFIF_SEXES,
  PFIF_STATUSES,
  type PfifNote,
  type PfifPerson,
} from '../../../src/people/pfif/fields.ts';
import { type PfifEntry, readPfif } from '../../../src/people/pfif/read.ts';
import { normalText, pfifTime } from '../../../src/people/pfif/values.ts';

const words = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    'Ana <b>',
    'a & b',
    ']]>',
    '&amp;',
    '"quoted"',
    'أحمد',
    '日本',
    'x\r\ny',
    '<!-- -->',
    '&#65;',
    '𝒳',
  ),
);
const textOf = (kind: FieldKind) => words.map((text) => normalText(text, kind)).filter((text) => text !== '');
const recordId = fc
  .tuple(
    fc.constantFrom('example.org', 'a.b-c.net', 'localhost'),
    fc.stringMatching(/^[a-zA-Z0-9._:-]{1,12}$/),
  )
  .map(([domain, own]) => `${domain}/${own}`);

const OF_KIND: Readonly<Record<FieldKind, fc.Arbitrary<string>>> = {
  id: recordId,
  time: fc.integer({ min: 0, max: 4e12 }).map(pfifTime),
  line: textOf('line'),
  lines: textOf('lines'),
  list: textOf('list'),
  url: fc.webUrl({ withQueryParameters: true }),
  boolean: fc.constantFrom('true', 'false'),
  sex: fc.constantFrom(...PFIF_SEXES),
  status: fc.constantFrom(...PFIF_STATUSES),
  birth: fc
    .date({ min: new Date('1900-01-01'), max: new Date('2026-01-01'), noInvalidDate: true })
    .chain((date) => {
      const day = date.toISOString().slice(0, 10);
      return fc.constantFrom(day, day.slice(0, 7), day.slice(0, 4));
    }),
  age: fc.constantFrom('7', '30-40', '103'),
  country: fc.constantFrom('HT', 'UA'),
  state: fc.constantFrom('CA', '13'),
};

const fieldsOf = (fields: Readonly<Record<string, FieldKind>>, required: readonly string[]) =>
  fc.record(Object.fromEntries(Object.entries(fields).map(([field, kind]) => [field, OF_KIND[kind]])), {
    requiredKeys: [...required],
    noNullPrototype: true,
  });

export const aNote = fieldsOf(NOTE_FIELDS, [
  'note_record_id',
  'person_record_id',
  'author_name',
  'source_date',
]) as unknown as fc.Arbitrary<PfifNote>;

/** Persons, each with notes of its own. */
export const aPerson = fc
  .tuple(
    fieldsOf(PERSON_FIELDS, [
      'person_record_id',
      'source_date',
      'full_name',
    ]) as unknown as fc.Arbitrary<PfifPerson>,
    fc.array(aNote, { maxLength: 3 }),
  )
  .map(([person, notes]) => ({
    person,
    notes: notes.map((note) => ({ ...note, person_record_id: person.person_record_id })),
  }));

/** The bytes of a text, in pieces of that size. */
export function* pieces(text: string, size = 64): Generator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export async function entries(text: string, size?: number): Promise<PfifEntry[]> {
  return gather(readPfif(pieces(text, size)));
}

export const document = (inside: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<pfif:pfif xmlns:pfif="http://zesty.ca/pfif/1.4">\n${inside}\n</pfif:pfif>\n`;

/** A valid person in a few lines, fields replaced by name. */
export const personText = (id: string, inside = ''): string =>
  `<pfif:person><pfif:person_record_id>${id}</pfif:person_record_id><pfif:source_date>2026-01-02T03:04:05Z</pfif:source_date><pfif:full_name>Ana</pfif:full_name>${inside}</pfif:person>`;

export const noteText = (id: string, inside = ''): string =>
  `<pfif:note><pfif:note_record_id>${id}</pfif:note_record_id><pfif:author_name>Ben</pfif:author_name><pfif:source_date>2026-01-02T03:04:05Z</pfif:source_date>${inside}</pfif:note>`;

/** Everything that comes, in a list. */
export async function gather<T>(given: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const one of given) list.push(one);
  return list;
}
