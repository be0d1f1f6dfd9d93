import { jobKey } from '../../domain/job-id.ts';
import { OUTPUT_STEP } from '../../domain/step-name.ts';
import type { StorageAccount } from '../../storage/account.ts';
import type { Journal, JournalEntry } from '../journal/journal.ts';
import { messageFor, nextPosition } from '../journal/next-message.ts';
import type { ClaimCheck } from '../message/claim-check.ts';
import { parseMessage } from '../message/message.ts';

/** Each lost try is a step that got further, so more than there are steps is never needed. */
const ROW_TRIES = 30;

/** Sends the message with which the work on a job begins. */
export async function sendFirst(
  { job, etag }: JournalEntry,
  traceparent: string | undefined,
  { storage, claimCheck }: { storage: StorageAccount; claimCheck: ClaimCheck },
): Promise<void> {
  const template = parseMessage({
    job_definition: {
      id: job.id,
      batch_id: job.batchId,
      input: { image_url: job.imageUrl },
      processing_pipeline: job.pipeline,
    },
    run: job.run,
    traceparent,
  });
  const position = nextPosition(job, template, 0);
  const message = { ...messageFor(job, template, position, job.seq), row: etag };
  const text = await claimCheck.encode(jobKey(job.id), message);
  await storage.queues.send(job.pipeline[position] ?? OUTPUT_STEP, text);
}

/** Marks the job as begun. A step may have changed the row already: then the mark is set on what it has become. */
export async function markSent(entry: JournalEntry, journal: Journal): Promise<void> {
  let current: JournalEntry | undefined = entry;
  for (let tries = 0; current && !current.job.sent && tries < ROW_TRIES; tries += 1) {
    // The message that is on its way names the row as it was before this mark.
    if (await journal.update(current, { sent: true }, current === entry ? entry.etag : undefined)) return;
    current = await journal.read(entry.job.batchId, entry.job.id);
  }
}
