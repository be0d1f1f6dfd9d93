import { randomUUID } from 'node:crypto';
import type { Database, Row } from '../../database/database.ts';
import { olderThan } from '../../database/keyset.ts';
import { type Sql, sql, text } from '../../database/sql.ts';
import { whoText } from '../who-column.ts';
import { hiddenFrom } from './hidden.ts';
import { reviewerOf, type Speaker } from './standing.ts';

/**
 * What an enquiry's time line tells of. Nothing of a word that waits for a second look: whoever gives the second may
 * read here, too.
 */
const EVENT_KINDS = [
  'opened',
  'changed',
  'photograph',
  'face',
  'note',
  'state',
  'proposed',
  'found',
  'contested',
] as const;
type EventKind = (typeof EVENT_KINDS)[number];

export interface EnquiryEvent {
  id: string;
  /** ISO 8601, UTC. */
  at: string;
  who: string;
  kind: EventKind;
  candidate?: string;
  from?: string;
  to?: string;
  note?: string;
}

export interface EventQuery {
  readonly after?: { at: string; id: string };
  readonly limit: number;
  readonly reader?: Speaker;
}

/** Whose doing it is where the machine found something. */
export const MACHINE = 'imaginem';

/** @returns the statement that writes it */
export function addEvent(event: Omit<EnquiryEvent, 'id'> & { enquiry: string; id?: string }): Sql {
  const { id = randomUUID(), enquiry, at, who, kind, candidate, from, to, note } = event;
  return sql`INSERT INTO enquiry_event (event_id, enquiry_id, happened_at, who, kind, candidate_id, from_state, to_state, note)
    VALUES (${text(id)}, ${text(enquiry)}, ${text(at)}, ${whoText(who)}, ${text(kind)}, ${text(candidate)}, ${text(from)}, ${text(to)}, ${text(note)})`;
}

/**
 * Newest first.
 *
 * @param query.reader who reads: that somebody put a candidate forward which waits for their word is left out, for it says
 *   that the machine gave no score. Everything where absent.
 */
export async function readEvents(
  database: Database,
  enquiry: string,
  { after, limit, reader }: EventQuery,
): Promise<EnquiryEvent[]> {
  const known =
    reader === undefined
      ? sql``
      : sql` AND NOT (kind = 'proposed' AND who <> ${text(MACHINE)} AND EXISTS (SELECT 1 FROM candidate c
          WHERE c.candidate_id = enquiry_event.candidate_id AND ${hiddenFrom(reviewerOf(reader), 'c')}))`;
  const later = after ? sql` AND ${olderThan(['happened_at', 'event_id'], after)}` : sql``;
  const [rows = []] = await database.read([
    sql`SELECT event_id, happened_at, who, kind, candidate_id, from_state, to_state, note FROM enquiry_event
      WHERE enquiry_id = ${text(enquiry)}${known}${later} ORDER BY happened_at DESC, event_id DESC${database.dialect.limit(limit)}`,
  ]);
  return rows.map(toEvent);
}

const toEvent = (row: Row): EnquiryEvent => ({
  id: row.event_id as string,
  at: row.happened_at as string,
  who: row.who as string,
  kind: row.kind as EventKind,
  ...(row.candidate_id !== null && { candidate: row.candidate_id as string }),
  ...(row.from_state !== null && { from: row.from_state as string }),
  ...(row.to_state !== null && { to: row.to_state as string }),
  ...(row.note !== null && { note: row.note as string }),
});
