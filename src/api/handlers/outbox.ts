import type { Handler } from '../call.ts';
import { fromCursor, timeAndId, toCursor } from '../cursor.ts';
import { notFound } from '../problem.ts';

export const listOutbox: Handler<'listOutbox'> = async ({ app, query }) => {
  const { state, enquiry, after, limit } = query;
  const [at, id] = after === undefined ? [] : fromCursor(after, timeAndId);
  const { outbox } = await app.results();
  const [events, counts, receiver] = await Promise.all([
    outbox.list({
      limit,
      ...(state !== undefined && { state }),
      ...(enquiry !== undefined && { enquiry }),
      ...(at !== undefined && id !== undefined && { after: { at, id } }),
    }),
    outbox.counts(),
    app.telling.kind(),
  ]);
  const last = events.length === limit ? events.at(-1) : undefined;
  return {
    receiver: receiver ?? null,
    counts,
    events: events.map(({ nextAt, endedAt, reason, ...event }) => ({
      ...event,
      nextAt: event.state === 'waiting' ? nextAt : null,
      endedAt: endedAt ?? null,
      reason: reason ?? null,
    })),
    next: last ? toCursor([last.at, last.id]) : null,
  };
};

export const sendAgain: Handler<'sendAgain'> = async ({ app, params: { event }, person, log, signal }) => {
  const { outbox } = await app.results();
  const row = await outbox.get(event);
  if (row?.state !== 'dead' && row?.state !== 'waiting') throw notFound('event that waits or is dead');
  await app.audit.record({ who: person.name, action: 'alert.sent.again', detail: { event } });
  await outbox.again(event);
  app.telling.nudge(log, signal);
  return null;
};
