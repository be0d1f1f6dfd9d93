import { subject } from '../audit/subject.ts';
import type { Clock } from '../domain/ports.ts';
import { isExpired, placeholderOf } from '../people/pfif/expiry.ts';
import type { PfifNote, PfifPerson } from '../people/pfif/fields.ts';
import type { ExportablePerson, PfifLedger } from '../people/pfif/ledger.ts';
import { isMinor } from '../people/pfif/person-values.ts';
import { pfifTime } from '../people/pfif/values.ts';
import { personXml } from '../people/pfif/write.ts';
import type { Audited } from './audited.ts';

export interface PfifExportOptions {
  /** In which our own records' ids are: one that we are known by. */
  readonly domain: string;
  /** Addresses of photographs that came with records. Photographs of children go nowhere. */
  readonly photographs: boolean;
  readonly minors: boolean;
  /** Persons whose enquiry has ended. */
  readonly closed: boolean;
  /** Notes that somebody is dead. */
  readonly deaths: boolean;
}

/** What was left out, and why. */
interface PfifLeftOut {
  minors: number;
  closed: number;
  hidden: number;
}

interface PfifPage {
  /** Each with its notes, ready to stand in a document. */
  readonly records: readonly string[];
  readonly leftOut: PfifLeftOut;
  /** Where the next page begins; undefined on the last. */
  readonly next: string | undefined;
}

interface PfifExportDeps extends Audited {
  readonly ledger: PfifLedger;
  readonly clock: Clock;
}

/**
 * Some of the persons whom records or enquiries are about, as PFIF: those who ask are never among them. Who is given out
 * to whom, and what was asked for, is written down before it is.
 *
 * @param after `next` of the page before
 */
export async function exportPage(
  who: string,
  options: PfifExportOptions,
  { ledger, clock, audit }: PfifExportDeps,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<PfifPage> {
  const { photographs, minors, closed, deaths } = options;
  const persons = await ledger.exportable({ limit, ...(after !== undefined && { after }) });
  const notes = await ledger.notesOf(persons.map(({ id }) => id));
  const leftOut: PfifLeftOut = { minors: 0, closed: 0, hidden: 0 };
  const given: ExportablePerson[] = [];
  for (const person of persons) {
    const why = reasonToLeaveOut(person, options, clock());
    if (why) leftOut[why] += 1;
    else given.push(person);
  }
  await audit.record({
    who,
    action: 'pfif.exported',
    about: given.map(({ id }) => subject.person(id)),
    detail: { photographs, minors, closed, deaths },
  });
  const records = given.map((person) => recordOf(person, notes.get(person.id) ?? [], options, clock()));
  return { records, leftOut, next: persons.length === limit ? persons.at(-1)?.id : undefined };
}

const isChild = ({ minor, dateOfBirth, record }: ExportablePerson, now: number): boolean =>
  minor || isMinor({ ...record, ...(dateOfBirth !== null && { date_of_birth: dateOfBirth }) }, now) === true;

function reasonToLeaveOut(
  person: ExportablePerson,
  { minors, closed }: PfifExportOptions,
  now: number,
): keyof PfifLeftOut | undefined {
  if (person.hidden) return 'hidden';
  if (isChild(person, now) && !minors) return 'minors';
  return person.closed && !closed ? 'closed' : undefined;
}

function recordOf(
  person: ExportablePerson,
  notes: readonly PfifNote[],
  options: PfifExportOptions,
  now: number,
): string {
  const record = pfifOf(person, options, now);
  if (isExpired(record, now)) return personXml(placeholderOf(record, now));
  const told = notes
    .filter(({ status }) => options.deaths || status !== 'believed_dead')
    .map((note) => withoutPhotograph(note, person, options, now))
    .map((note) => ({ ...note, person_record_id: record.person_record_id }));
  const sought = soughtNote(person, record, told, options);
  return personXml(record, sought ? [...told, sought] : told);
}

function pfifOf(person: ExportablePerson, options: PfifExportOptions, now: number): PfifPerson {
  const { record, fullName, alternateNames, sex, dateOfBirth, description, sourceName, sourceUrl } = person;
  const time = (iso: string) => pfifTime(Date.parse(iso));
  // What people here know goes before what came; what is kept nowhere else comes from the record.
  const known: Record<string, string | null> = {
    full_name: fullName ?? '',
    alternate_names: alternateNames.join('\n'),
    sex,
    date_of_birth: dateOfBirth,
    description,
    source_name: sourceName,
    source_url: sourceUrl,
    entry_date: time(person.entryDate),
    expiry_date: person.expiryDate === null ? null : time(person.expiryDate),
  };
  const values: Record<string, string> = { ...record };
  for (const [field, value] of Object.entries(known)) {
    if (value === null || value === '') delete values[field];
    else values[field] = value;
  }
  return withoutPhotograph(
    {
      ...values,
      full_name: values.full_name ?? '',
      person_record_id: record?.person_record_id ?? `${options.domain}/person.${person.id}`,
      source_date: record?.source_date ?? time(person.changedAt),
      ...(record === undefined && { source_name: values.source_name ?? options.domain }),
    } as PfifPerson,
    person,
    options,
    now,
  );
}

/** The face of a child, or of somebody whose enquiry has ended, is never shown to others. */
function withoutPhotograph<R extends { readonly photo_url?: string; readonly profile_urls?: string }>(
  record: R,
  person: ExportablePerson,
  { photographs }: PfifExportOptions,
  now: number,
): R {
  if (photographs && !isChild(person, now) && !person.closed) return record;
  const { photo_url: _photograph, profile_urls: _profiles, ...others } = record;
  return others as R;
}

/** That somebody is sought, where nothing else says so: the note by which others know what the record is for. */
function soughtNote(
  { enquiry }: ExportablePerson,
  record: PfifPerson,
  notes: readonly PfifNote[],
  { domain }: PfifExportOptions,
): PfifNote | undefined {
  if (!enquiry || notes.some(({ status }) => status !== undefined)) return undefined;
  return {
    note_record_id: `${domain}/enquiry.${enquiry.id}`,
    person_record_id: record.person_record_id,
    author_name: domain,
    source_date: pfifTime(Date.parse(enquiry.openedAt)),
    status: 'information_sought',
  };
}
