import type { PfifPerson } from './fields.ts';
import { pfifTime } from './values.ts';

/**
 * Whether the day has come at which all that a record says must be gone: at `expiry_date`, without the day's grace that
 * the specification gives. @param now milliseconds since 1970
 */
export const isExpired = ({ expiry_date: expiry }: PfifPerson, now: number): boolean =>
  expiry !== undefined && Date.parse(expiry) <= now;

/** Whether a record is what another repository left of an expired one: it says nothing of anybody. */
export const isPlaceholder = (person: PfifPerson): boolean =>
  person.full_name === '' && person.expiry_date !== undefined;

/**
 * What stays of a record when it expires, so that copies elsewhere learn of it: its id and three times, those of source
 * and entry being the time at which the rest was removed. Its notes and photographs go with it.
 */
export const placeholderOf = (
  { person_record_id, expiry_date }: PfifPerson,
  removedAt: number,
): PfifPerson => ({
  person_record_id,
  entry_date: pfifTime(removedAt),
  ...(expiry_date !== undefined && { expiry_date }),
  source_date: pfifTime(removedAt),
  full_name: '',
});
