import type { EnquiryPhotographs } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { call, query } from '../../live/client.ts';
import { notify } from '../../live/notices.ts';
import { strings } from '../../strings.ts';

/** The forms in which a date is taken: as far as it is known. */
export const isTaken = (text: string): boolean =>
  /^(\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?)?$/.test(text.trim());

/** Adds photographs to an enquiry; of each that is not taken it is said why. @throws {ApiError} */
export async function addPhotographs(enquiry: string, files: readonly File[], taken: string): Promise<void> {
  const form = new FormData();
  for (const file of files) form.append('files', file, file.name);
  const path = `${routes.enquiryPhotographs(enquiry)}${query({ taken: taken.trim() })}`;
  const answer = (await (await call(path, { method: 'POST', body: form })).json()) as EnquiryPhotographs;
  for (const { name, problem } of answer.photographs)
    if (problem !== null) notify(strings.enquiries.notTaken(name, problem.detail), 'error');
}
