import type { Queues } from '../storage/queues.ts';
import { about } from './about.ts';
import type { QueueCount } from './receipt.ts';
import type { Target } from './subjects.ts';

/**
 * Looks at queues for messages about the images. A queue is confirmed where it is empty, or every message in it could be
 * looked at (32 at most can) and none is about them.
 */
export async function countQueues(
  names: readonly string[],
  queues: Queues,
  target: Target,
): Promise<QueueCount[]> {
  const count = async (queue: string): Promise<QueueCount> => {
    const depth = await queues.look(queue);
    const { messages, visible } = depth ?? { messages: 0, visible: [] };
    const seen = visible.length === messages;
    const confirmed = seen && visible.every(({ text }) => about(text, target) === 'none');
    return { queue, confirmed, messages };
  };
  const [first, ...others] = names;
  if (first === undefined) return [];
  // The first queue alone finds out whether the service is away; the others are then read at one moment.
  return [await count(first), ...(await Promise.all(others.map(count)))];
}
