import type { App } from '../../app.ts';
import { jobKey } from '../../domain/job-id.ts';
import type { Message } from '../../pipeline/message/message.ts';
import { queueOf } from './template.ts';

export interface Posted {
  id: string;
  batch_id: string;
  queue: string;
}

/** Puts a message into the queue of its step. What is too large for a queue travels beside it, as always. */
export async function send(
  message: Message,
  { storage, claimCheck, registry, pipeline }: Pick<App, 'storage' | 'claimCheck' | 'registry' | 'pipeline'>,
): Promise<Posted> {
  const queue = queueOf(message, registry, pipeline);
  const { id, batch_id } = message.job_definition;
  await storage.queues.send(queue, await claimCheck.encode(jobKey(id), message));
  return { id, batch_id, queue };
}
