import type { PersonValues } from '../person.ts';
import type { PfifPerson } from './fields.ts';

/** Below this age somebody is a child. Source: Convention on the Rights of the Child, article 1. */
const OF_AGE = 18;

/**
 * What a record says of a person, as persons are kept here.
 *
 * @param now milliseconds since 1970: whether somebody is a child is said for today
 */
export function personValues(record: PfifPerson, now: number): PersonValues {
  const time = (value: string | undefined) =>
    value === undefined ? null : new Date(Date.parse(value)).toISOString();
  return {
    fullName: record.full_name,
    alternateNames: record.alternate_names?.split('\n') ?? [],
    sex: (record.sex as PersonValues['sex']) ?? null,
    dateOfBirth: record.date_of_birth ?? null,
    description: record.description ?? null,
    sourceName: record.source_name ?? null,
    sourceDate: time(record.source_date),
    sourceUrl: record.source_url ?? null,
    expiryDate: time(record.expiry_date),
    minor: isMinor(record, now) ?? null,
  };
}

/**
 * Whether the dates of a record make somebody a child: by the day of birth, else by the age, which is that of the record's
 * own date. Where either leaves room for it, yes.
 */
export function isMinor(
  { date_of_birth: birth, age, source_date: source }: Partial<PfifPerson>,
  now: number,
): boolean | undefined {
  const today = new Date(now);
  if (birth !== undefined) {
    // The youngest that the record leaves room for: born on the last day of the month. Day 0 is the last of the month before.
    const [year = 0, month = 12, day = new Date(Date.UTC(year, month, 0)).getUTCDate()] = birth
      .split('-')
      .map(Number);
    return Date.UTC(year + OF_AGE, month - 1, day) > now;
  }
  const youngest = /^\d+/.exec(age ?? '')?.[0];
  if (youngest === undefined) return undefined;
  const since = source === undefined ? 0 : today.getUTCFullYear() - new Date(source).getUTCFullYear();
  return Number(youngest) + Math.max(0, since - 1) < OF_AGE;
}
