import type { EnquiryPhotographs } from '../../../api/contract.ts';
import { routes } from '../../../api/routes.ts';
import { isPartialDate } from '../../../domain/partial-date.ts';
import { call, query } from '../../live/client.ts';
import { notify } from '../../live/notices.ts';
import { untilSaved } from '../../live/unsaved.ts';
import { strings } from '../../strings.ts';

/** Whether a date can be sent as it stands: as far as it is known, or not at all. */
export const isTaken = (text: string): boolean => text.trim() === '' || isPartialDate(text.trim());

/** Adds photographs to an enquiry; of each that is not taken it is said why. @throws {ApiError} */
export async function addPhotographs(enquiry: string, files: readonly File[], taken: string): Promise<void> {
  const form = new FormData();
  for (const file of files) form.append('files', file, file.name);
  const path = `${routes.enquiryPhotographs(enquiry)}${query({ taken: taken.trim() })}`;
  const response = await untilSaved(call(path, { method: 'POST', body: form }));
  const answer = (await response.json()) as EnquiryPhotographs;
  for (const { name, problem } of answer.photographs)
    if (problem !== null) notify(strings.enquiries.notTaken(name, problem.detail), 'error');
}
