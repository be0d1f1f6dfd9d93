import { dropLetter } from '../../admin/drop-letter.ts';
import { replay } from '../../admin/replay.ts';
import type { App } from '../../app.ts';
import type { DeadLetter, DeadLetterEntry } from '../../pipeline/journal/dead-letters.ts';
import type { Handler } from '../call.ts';
import type { DeadLetterSummary } from '../contract.ts';
import { fromCursor, queueAndId, toCursor } from '../cursor.ts';
import { shownTo } from '../enquiry-photographs.ts';
import { ApiError, notFound } from '../problem.ts';

export const toLetterSummary = (letter: Omit<DeadLetter, 'message'>): DeadLetterSummary => ({
  id: letter.id,
  queue: letter.queue,
  error: letter.error,
  imageId: letter.jobId ?? null,
  batchId: letter.batchId ?? null,
  times: letter.times,
  firstSeen: letter.firstSeen,
  lastSeen: letter.lastSeen,
});

/** By queue and id, the order of the table: there is no other without reading all. */
export const listDeadLetters: Handler<'listDeadLetters'> = async ({
  app,
  person,
  query: { queue, after, limit },
}) => {
  const start = after === undefined ? undefined : fromCursor(after, queueAndId);
  const found: DeadLetterSummary[] = [];
  for await (const letter of app.deadLetters.summaries({
    ...(queue !== undefined && { queue }),
    ...(start && { after: { queue: start[0], id: start[1] } }),
  })) {
    if (shownTo(person, [letter]).length === 0) continue;
    if (found.length === limit) {
      const last = found.at(-1);
      return { deadLetters: found, next: last ? toCursor([last.queue, last.id]) : null };
    }
    found.push(toLetterSummary(letter));
  }
  return { deadLetters: found, next: null };
};

export const getDeadLetter: Handler<'getDeadLetter'> = async ({ app, params }) => {
  const { letter } = await entryOf(app, params);
  return { ...toLetterSummary(letter), message: letter.message };
};

export const replayDeadLetter: Handler<'replayDeadLetter'> = async ({ app, person, params }) => {
  const entry = await entryOf(app, params);
  const plan = await replay(entry, person.name, app);
  if ('refused' in plan) {
    throw new ApiError(
      422,
      plan.refused.code,
      `Replayed as it is, it could only fail again: ${plan.refused.message}`,
    );
  }
  return null;
};

export const dropDeadLetter: Handler<'dropDeadLetter'> = async ({ app, person, params }) => {
  const entry = await entryOf(app, params);
  if (!(await dropLetter(entry, person.name, app))) {
    throw new ApiError(409, 'SeenAgain', 'The message has died once more meanwhile: look at it again.');
  }
  return null;
};

async function entryOf(
  app: App,
  { queue, letter: id }: { queue: string; letter: string },
): Promise<DeadLetterEntry> {
  const entry = await app.deadLetters.get({ queue, id });
  if (!entry) throw notFound('dead letter');
  return entry;
}
