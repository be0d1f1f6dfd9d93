import type { People } from '../people/people.ts';

/** Persons of one run of the timer at most: the next goes on. */
const AT_ONCE = 200;

/** Who asks for erasures that a date asked for, as for images. */
const RETENTION = 'retention';

/** Erases persons whose `expiryDate` has passed. @returns how many */
export async function eraseExpiredPersons(
  { persons }: Pick<People, 'persons'>,
  now: number,
): Promise<number> {
  const expired = await persons.expired(new Date(now).toISOString(), AT_ONCE);
  for (const id of expired) await persons.erase(id, RETENTION);
  return expired.length;
}
