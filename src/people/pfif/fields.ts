/**
 * The fields of PFIF 1.4, the People Finder Interchange Format: names, order, what is required, which values are allowed.
 * Source: PFIF 1.4 specification (29 May 2012), sections 4 and 5. Since 1.3 the order inside a record is free; the
 * order here is the one in which the specification lists them, and in which records are written.
 */

/** How the text of a field is read. */
export type FieldKind =
  | 'id'
  | 'time'
  | 'line'
  | 'lines'
  /** One name or address a line. */
  | 'list'
  | 'url'
  | 'boolean'
  | 'sex'
  | 'status'
  | 'birth'
  | 'age'
  | 'country'
  | 'state';

export const PERSON_FIELDS = {
  person_record_id: 'id',
  entry_date: 'time',
  expiry_date: 'time',
  author_name: 'line',
  author_email: 'line',
  author_phone: 'line',
  source_name: 'line',
  source_date: 'time',
  source_url: 'url',
  full_name: 'line',
  given_name: 'line',
  family_name: 'line',
  alternate_names: 'list',
  description: 'lines',
  sex: 'sex',
  date_of_birth: 'birth',
  age: 'age',
  home_street: 'line',
  home_neighborhood: 'line',
  home_city: 'line',
  home_state: 'state',
  home_postal_code: 'line',
  home_country: 'country',
  photo_url: 'url',
  profile_urls: 'list',
} as const satisfies Record<string, FieldKind>;

export const NOTE_FIELDS = {
  note_record_id: 'id',
  person_record_id: 'id',
  linked_person_record_id: 'id',
  entry_date: 'time',
  author_name: 'line',
  author_email: 'line',
  author_phone: 'line',
  source_date: 'time',
  author_made_contact: 'boolean',
  status: 'status',
  email_of_found_person: 'line',
  phone_of_found_person: 'line',
  last_known_location: 'lines',
  text: 'lines',
  photo_url: 'url',
} as const satisfies Record<string, FieldKind>;

export const PFIF_STATUSES = [
  'information_sought',
  'is_note_author',
  'believed_alive',
  'believed_missing',
  'believed_dead',
] as const;
type PfifStatus = (typeof PFIF_STATUSES)[number];

export const PFIF_SEXES = ['female', 'male', 'other'] as const;

type PersonField = keyof typeof PERSON_FIELDS;
type NoteField = keyof typeof NOTE_FIELDS;

/**
 * A person as PFIF writes one: trimmed texts, lines ended by U+000A, times as `2012-05-29T17:02:03Z`; what is empty is
 * absent, but for the name, which is empty in the placeholder of an expired record.
 */
export type PfifPerson = Readonly<
  { person_record_id: string; source_date: string; full_name: string } & Partial<Record<PersonField, string>>
>;

/** What somebody says of a person: a sighting, a status, a link to a duplicate record. */
export type PfifNote = Readonly<
  {
    note_record_id: string;
    person_record_id: string;
    author_name: string;
    source_date: string;
    status?: PfifStatus;
  } & Partial<Record<Exclude<NoteField, 'status'>, string>>
>;

export const REQUIRED = {
  person: ['person_record_id', 'source_date', 'full_name'],
  note: ['note_record_id', 'person_record_id', 'author_name', 'source_date'],
} as const;

/** Names of before 1.4, by what they are called now. */
export const RENAMED: Readonly<Record<string, string>> = {
  first_name: 'given_name',
  last_name: 'family_name',
  other: 'description',
  home_zip: 'home_postal_code',
  found: 'author_made_contact',
};

/** The namespace that is written. */
export const PFIF_NAMESPACE = 'http://zesty.ca/pfif/1.4';

/** Those that are read: each version, and the slip of a slash at the end. */
export const isPfifNamespace = (uri: string): boolean =>
  /^https?:\/\/zesty\.ca\/pfif\/1\.[1-4]\/?$/.test(uri.trim());
