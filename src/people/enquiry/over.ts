import type { Session } from '../../database/database.ts';
import { sql, text } from '../../database/sql.ts';
import { PeopleRefusedError } from '../errors.ts';

/** There is no such candidate, enquiry or word, or there is none any more. */
export class UnknownEnquiryError extends Error {
  override readonly name = 'UnknownEnquiryError';
  readonly what: 'enquiry' | 'candidate' | 'word';

  constructor(what: 'enquiry' | 'candidate' | 'word') {
    super(`There is no such ${what}, or there is no longer.`);
    this.what = what;
  }
}

/** @throws {UnknownEnquiryError} */
export async function requireEnquiry(
  session: Pick<Session, 'read'>,
  id: string,
): Promise<{ ended: string | null; expires: string | null }> {
  const [rows] = await session.read([sql`SELECT ended, expires FROM enquiry WHERE enquiry_id = ${text(id)}`]);
  const row = rows?.[0];
  if (!row) throw new UnknownEnquiryError('enquiry');
  return { ended: row.ended as string | null, expires: row.expires as string | null };
}

/**
 * Nobody judges, or puts forward, for an enquiry that is over.
 *
 * @param now milliseconds since 1970
 * @throws {UnknownEnquiryError} @throws {PeopleRefusedError}
 */
export async function refuseWhereOver(
  session: Pick<Session, 'read'>,
  id: string,
  now: number,
): Promise<void> {
  const { ended, expires } = await requireEnquiry(session, id);
  if (ended !== null)
    throw new PeopleRefusedError(
      'EnquiryEnded',
      `The enquiry is ${ended}: reopen it first where that is not right.`,
    );
  if (expires !== null && Date.parse(expires) <= now)
    throw new PeopleRefusedError(
      'EnquiryExpired',
      'The enquiry has expired and is about to be erased: give it another date first.',
    );
}
