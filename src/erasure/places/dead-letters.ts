import { withoutImages } from '../../domain/mentions.ts';
import type { DeadLetter } from '../../pipeline/journal/dead-letters.ts';
import { decodeQueueMessage, toSafeJson } from '../../pipeline/message/codec.ts';
import { tables } from '../../storage/names.ts';
import { type About, about } from '../about.ts';
import { type Place, type PlaceDeps, UNTIL_ERASED } from '../place.ts';
import type { Target } from '../subjects.ts';

const NAME = `table:${tables.deadLetters}`;

/** Dead letters about an image go; those about others lose what they say of it. */
export const deadLetters = ({ deadLetters: letters }: PlaceDeps): Place => ({
  stores: [{ name: NAME, holds: 'messages about it that could not be worked on, whole', kept: UNTIL_ERASED }],
  count: async (target, { signal }) => {
    let found = 0;
    for await (const letter of letters.list()) {
      signal.throwIfAborted();
      if (relation(letter, target) !== 'none') found += 1;
    }
    return { [NAME]: found };
  },
  erase: async (target, { signal }) => {
    for await (const letter of letters.list()) {
      signal.throwIfAborted();
      const related = relation(letter, target);
      if (related === 'own') await letters.discard(letter);
      if (related === 'mentions') {
        const left = withoutImages(decodeQueueMessage(letter.message), target.ids);
        await letters.rewrite(letter, toSafeJson(left));
      }
    }
  },
});

function relation(letter: DeadLetter, target: Target): About {
  if (letter.jobId !== undefined && target.ids.has(letter.jobId)) return 'own';
  return about(letter.message, target);
}
