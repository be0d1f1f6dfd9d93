import { batchOf, MAX_BATCH_ID } from './job-id.ts';

/** What is wrong with the name of a batch, in a sentence that says what to change; undefined where nothing is. */
export function batchNameFault(batch: string): string | undefined {
  if (batch === '') return 'A batch has a name: give at least one letter.';
  if (batch.length > MAX_BATCH_ID) return `The name of a batch has at most ${MAX_BATCH_ID} characters.`;
  if (/[\p{Cc}\\]/u.test(batch)) return 'The name of a batch holds no backslashes and no control characters.';
  if (/^\/|\/$|\/\//.test(batch))
    return 'The name of a batch has no slash at either end, and no two in a row.';
  // An address leaves them out, with the folder before them: the images would be in another batch than was named.
  if (batch.split('/').some((part) => /^\.{1,2}$/.test(part)))
    return 'No part of the name of a batch is "." or "..": they would lead to another batch.';
  if (batchOf(`${batch}/x`) !== batch) return 'The name of a batch does not end in a space.';
  return undefined;
}
