import { aboutDeadLetter } from '../audit/subject.ts';
import type { DeadLetterEntry, DeadLetters } from '../pipeline/journal/dead-letters.ts';
import type { Audited } from './audited.ts';

/**
 * Removes a dead letter for good; who did it is written down first.
 *
 * @returns false where the same message has died once more meanwhile: then it stays
 */
export async function dropLetter(
  entry: DeadLetterEntry,
  who: string,
  { audit, deadLetters }: Audited & { deadLetters: Pick<DeadLetters, 'remove'> },
): Promise<boolean> {
  await audit.record({ who, action: 'deadletter.dropped', about: aboutDeadLetter(entry.letter) });
  return deadLetters.remove(entry);
}
