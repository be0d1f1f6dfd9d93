import type { DeadLetterKey } from '../../pipeline/journal/dead-letters.ts';

/** Where a dead letter is kept, as an item of an act on many. A queue has no colon in its name. */
export const letterItem = ({ queue, id }: DeadLetterKey): string => `${queue}:${id}`;

export function letterKeyOf(item: string): DeadLetterKey {
  const at = item.indexOf(':');
  return { queue: item.slice(0, at), id: item.slice(at + 1) };
}
