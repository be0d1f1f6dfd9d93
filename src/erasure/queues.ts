import type { Queues } from '../storage/queues.ts';
import { about } from './about.ts';
import type { QueueCount, Receipt } from './receipt.ts';
import type { Target } from './subjects.ts';

/** What a queue showed: how many messages, and the texts of those that could be looked at (32 at most can). */
interface QueueLook {
  queue: string;
  messages: number;
  texts: readonly string[];
}

/** Looks at queues, for any number of erasures. */
export async function lookAtQueues(names: readonly string[], queues: Queues): Promise<QueueLook[]> {
  const look = async (queue: string): Promise<QueueLook> => {
    const { messages, visible } = (await queues.look(queue)) ?? { messages: 0, visible: [] };
    return { queue, messages, texts: visible.map(({ text }) => text) };
  };
  const [first, ...others] = names;
  if (first === undefined) return [];
  // The first queue alone finds out whether the service is away; the others are then read at one moment.
  return [await look(first), ...(await Promise.all(others.map(look)))];
}

/**
 * What the looks say of these images. A queue is confirmed where it is empty, or every message in it could be looked at
 * and none is about them.
 */
export const judgeQueues = (looks: readonly QueueLook[], target: Target): QueueCount[] =>
  looks.map(({ queue, messages, texts }) => {
    const seen = texts.length === messages;
    return { queue, messages, confirmed: seen && texts.every((text) => about(text, target) === 'none') };
  });

/**
 * Whether no queue can hold a message about the erased images any more. A queue that is too long to be looked through
 * counts as done once OUTAGE_LIMIT has passed since the erasure: by then every message that was there has been
 * delivered, unless its step is paused.
 *
 * @param outageLimit hours
 */
export const queuesAreDone = (
  { queues, erasedAt = '' }: Receipt,
  outageLimit: number,
  now: number,
): boolean =>
  queues.every(({ confirmed }) => confirmed) || now - Date.parse(erasedAt) > outageLimit * 3_600_000;
