import type { App } from '../app.ts';
import { isReserved } from '../domain/enquiry-batch.ts';
import type { Person } from './person.ts';
import { notFound } from './problem.ts';

/**
 * Photographs of enquiries are shown to caseworkers and above. Whoever may only look at the archive sees none of them, in
 * no list, and is told of each that there is none.
 */
export const seesEnquiries = ({ role }: Pick<Person, 'role'>): boolean => role !== 'viewer';

/** For a list: those that this person may see. */
export const shownTo = <T extends { batchId?: string }>(
  person: Pick<Person, 'role'>,
  all: readonly T[],
): T[] => all.filter(({ batchId = '' }) => seesEnquiries(person) || !isReserved(batchId));

/** @throws {ApiError} 404 where a call names a batch, an image or a face of an enquiry that the person may not see */
export async function refuseHidden(
  app: App,
  person: Pick<Person, 'role'>,
  { batch, id, face, other }: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  if (seesEnquiries(person)) return;
  if (batch !== undefined && isReserved(batch)) throw notFound('batch');
  if (id !== undefined && isReserved((await app.journal.batchOf(id)) ?? '')) throw notFound('image');
  const faces = [face, other].filter((one) => one !== undefined);
  if (faces.length === 0) return;
  for (const { batchId = '' } of await (await app.results()).faces(faces))
    if (isReserved(batchId)) throw notFound('face');
}
