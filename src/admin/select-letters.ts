import type { DeadLetter, DeadLetterKey, DeadLetters } from '../pipeline/journal/dead-letters.ts';

/** Which dead letters: those that meet every condition that is set. */
export interface LetterFilter {
  /** The queue it died in. */
  step?: string | undefined;
  code?: string | undefined;
  batch?: string | undefined;
  job?: string | undefined;
  /** Ids, or the beginnings of ids. */
  ids?: readonly string[] | undefined;
}

/** The dead letters of a filter, by queue. */
export async function* selectLetters(
  deadLetters: DeadLetters,
  { step, code, batch, job, ids = [] }: LetterFilter,
): AsyncGenerator<DeadLetter> {
  for await (const letter of deadLetters.list(step)) {
    if (code !== undefined && letter.error.code !== code) continue;
    if (batch !== undefined && letter.batchId !== batch) continue;
    if (job !== undefined && letter.jobId !== job) continue;
    if (ids.length > 0 && !ids.some((id) => letter.id.startsWith(id))) continue;
    yield letter;
  }
}

/**
 * Where the dead letters of a filter are, all found before any is acted upon: one that dies again meanwhile is not met
 * a second time.
 */
export async function keysOf(deadLetters: DeadLetters, filter: LetterFilter): Promise<DeadLetterKey[]> {
  const keys: DeadLetterKey[] = [];
  for await (const { queue, id } of selectLetters(deadLetters, filter)) keys.push({ queue, id });
  return keys;
}
