import { createHash } from 'node:crypto';
import type { Database, Row, Session } from '../database/database.ts';
import { olderThan } from '../database/keyset.ts';
import { int, join, raw, type Sql, sql, text } from '../database/sql.ts';
import { type RecordedError, toRecordedError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import { tombstoneOf } from '../domain/tombstone.ts';
import { CLOCKS_DIFFER_MS } from '../domain/wrong-clock.ts';

/** `proposed`: somebody should look; `found`: enough people have said that it is the same person. */
export type OutboxKind = 'proposed' | 'found';

/**
 * `waiting` to be sent, `delivered`, `dead` (not taken by anybody for days), or `withheld`: what it tells of was over
 * before it was sent.
 */
export type OutboxState = 'waiting' | 'delivered' | 'dead' | 'withheld';

/** Ids only: what may leave the house. */
export interface OutboxEvent {
  readonly id: string;
  readonly type: OutboxKind;
  readonly enquiry: string;
  readonly candidate: string;
  /** ISO 8601, UTC: when it became true. */
  readonly at: string;
}

interface OutboxRow extends OutboxEvent {
  readonly state: OutboxState;
  /** How often it was sent. */
  readonly sent: number;
  /** ISO 8601, UTC: when it is sent next, while it waits. */
  readonly nextAt: string;
  readonly endedAt?: string;
  /** Why it waits, is dead or was withheld. */
  readonly reason?: RecordedError;
}

/** Why an event is not sent after all. */
const WITHHELD = {
  CandidateGone:
    'The candidate is none any more: a photograph was erased, or its faces are not alike any more.',
  CandidateDecided: 'The candidate was decided before it was told of.',
  EnquiryEnded: 'The enquiry was closed or withdrawn before it was told of.',
  EnquiryExpired: 'The enquiry expired before it was told of.',
  MatchingForbidden: 'The photographs may not be matched any more.',
} as const satisfies Record<string, string>;
type WithheldCode = keyof typeof WITHHELD;

/** An event that this process may send now, or why it must not. */
interface Claimed {
  readonly event: OutboxEvent;
  /** How often it was claimed: whoever claimed it last has the say. */
  readonly sent: number;
  /** Why it must not be sent. */
  readonly withhold?: WithheldCode;
  /** Batches of the two photographs that it is about: what is said of them is to be asked as well. */
  readonly batches: readonly string[];
}

/** The same for the same thing told: by it receivers know what they have had. */
export const eventIdOf = (kind: OutboxKind, candidate: string, occasion: string): string =>
  createHash('sha256')
    .update(JSON.stringify([kind, candidate, occasion]))
    .digest('hex')
    .slice(0, 32);

/** Writes what is to be told, in the transaction that makes it true; nothing where it is there already. */
export function putInOutbox(
  event: Omit<OutboxEvent, 'id'> & { /** What makes it another event of its kind. */ occasion: string },
): Sql {
  const { type, enquiry, candidate, at, occasion } = event;
  const id = text(eventIdOf(type, candidate, occasion));
  return sql`INSERT INTO outbox (event_id, kind, enquiry_id, candidate_id, created_at, state, sent, next_at)
    SELECT ${id}, ${text(type)}, ${text(enquiry)}, ${text(candidate)}, ${text(at)}, 'waiting', 0, ${text(at)}
    WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE event_id = ${id})`;
}

/** Takes out what was to be told of candidates that are none any more. @param list of ids */
export const withdrawFromOutbox = (list: Sql): Sql => sql`DELETE FROM outbox WHERE candidate_id IN (${list})`;

/** What was withheld because an enquiry had ended waits again: it was reopened. */
export const tellAgain = (enquiry: string, at: string): Sql =>
  sql`UPDATE outbox SET state = 'waiting', ended_at = NULL, code = NULL, message = NULL, next_at = ${text(at)}
    WHERE enquiry_id = ${text(enquiry)} AND state = 'withheld' AND code = 'EnquiryEnded'`;

/** No event is put back for longer, in milliseconds: see `tellingDelayMs`, which may draw a little more than its day. */
const MOST_PUT_BACK_MS = 2 * 24 * 3_600_000;

/** That its time has come, or was set by a clock that ran far ahead. */
function isDue(now: number): Sql {
  const iso = (ms: number) => text(new Date(ms).toISOString());
  return sql`(next_at <= ${iso(now)} OR next_at > ${iso(now + MOST_PUT_BACK_MS + CLOCKS_DIFFER_MS)})`;
}

/** What is to be told to others, sent at least once. */
export class Outbox {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** Ids of events whose time has come, the longest waiting first. */
  async due(limit: number): Promise<string[]> {
    const [rows = []] = await this.#database.read([
      sql`SELECT event_id FROM outbox WHERE state = 'waiting' AND ${isDue(this.#clock())}
        ORDER BY next_at, event_id${this.#database.dialect.limit(limit)}`,
    ]);
    return rows.map(({ event_id }) => event_id as string);
  }

  /**
   * Takes an event for sending, for as long as the lease: of two processes one has it. Looks at this very moment
   * whether it may still be told.
   *
   * @returns undefined where it is not due, or another process has it
   */
  claim(id: string, leaseMs: number): Promise<Claimed | undefined> {
    const now = this.#clock();
    const until = text(new Date(now + leaseMs).toISOString());
    const one = sql`event_id = ${text(id)}`;
    return this.#database.write(async (session) => {
      const taken = await session.run([
        sql`UPDATE outbox SET next_at = ${until}, sent = sent + 1 WHERE ${one} AND state = 'waiting' AND ${isDue(now)}`,
      ]);
      if (taken === 0) return undefined;
      const [rows] = await session.read([sql`SELECT ${raw(COLUMNS)} FROM outbox WHERE ${one}`]);
      const row = toRow(rows?.[0] as Row);
      return { event: row, sent: row.sent, ...(await look(session, row, now)) };
    });
  }

  /** @param sent as claimed: whoever claimed it later has the say */
  delivered(id: string, sent: number): Promise<void> {
    return this.#end(id, sent, 'delivered');
  }

  withheld(id: string, sent: number, code: WithheldCode): Promise<void> {
    return this.#end(id, sent, 'withheld', { code, message: WITHHELD[code] });
  }

  /** @param delayMs until it is sent again; undefined where it is given up */
  async failed(id: string, sent: number, error: unknown, delayMs: number | undefined): Promise<void> {
    const reason = toRecordedError(error);
    if (delayMs === undefined) return this.#end(id, sent, 'dead', reason);
    const next = text(new Date(this.#clock() + delayMs).toISOString());
    await this.#database.write((session) =>
      session.run([
        sql`UPDATE outbox SET next_at = ${next}, code = ${text(reason.code.slice(0, 128))}, message = ${text(reason.message)}
          WHERE event_id = ${text(id)} AND sent = ${int(sent)} AND state = 'waiting'`,
      ]),
    );
  }

  async #end(id: string, sent: number, state: OutboxState, reason?: RecordedError): Promise<void> {
    await this.#database.write((session) =>
      session.run([
        sql`UPDATE outbox SET state = ${text(state)}, ended_at = ${text(this.#now())},
            code = ${text(reason?.code.slice(0, 128))}, message = ${text(reason?.message)}
          WHERE event_id = ${text(id)} AND sent = ${int(sent)} AND state = 'waiting'`,
      ]),
    );
  }

  /** Has a dead or waiting event sent at once, as if for the first time. @returns false where there is none such */
  async again(id: string): Promise<boolean> {
    const changed = await this.#database.write((session) =>
      session.run([
        sql`UPDATE outbox SET state = 'waiting', sent = 0, next_at = ${text(this.#now())}, ended_at = NULL
          WHERE event_id = ${text(id)} AND state IN ('dead', 'waiting')`,
      ]),
    );
    return changed === 1;
  }

  async get(id: string): Promise<OutboxRow | undefined> {
    const [rows] = await this.#database.read([
      sql`SELECT ${raw(COLUMNS)} FROM outbox WHERE event_id = ${text(id)}`,
    ]);
    return rows?.[0] && toRow(rows[0]);
  }

  /** Newest first. */
  async list(query: {
    state?: OutboxState;
    enquiry?: string;
    after?: { at: string; id: string };
    limit: number;
  }): Promise<OutboxRow[]> {
    const { state, enquiry, after, limit } = query;
    const where: Sql[] = [sql`1 = 1`];
    if (state !== undefined) where.push(sql`state = ${text(state)}`);
    if (enquiry !== undefined) where.push(sql`enquiry_id = ${text(enquiry)}`);
    if (after !== undefined) where.push(olderThan(['created_at', 'event_id'], after));
    const [rows = []] = await this.#database.read([
      sql`SELECT ${raw(COLUMNS)} FROM outbox WHERE ${join(where, ' AND ')}
        ORDER BY created_at DESC, event_id DESC${this.#database.dialect.limit(limit)}`,
    ]);
    return rows.map(toRow);
  }

  /** How many events there are of each state. */
  async counts(): Promise<Record<OutboxState, number>> {
    const [rows = []] = await this.#database.read([
      sql`SELECT state, COUNT(*) AS events FROM outbox GROUP BY state`,
    ]);
    const found = { waiting: 0, delivered: 0, dead: 0, withheld: 0 };
    for (const { state, events } of rows) found[state as OutboxState] = Number(events);
    return found;
  }

  #now(): string {
    return new Date(this.#clock()).toISOString();
  }
}

/** Looks at everything that may have changed since the event was written. */
async function look(
  session: Pick<Session, 'read'>,
  { candidate, enquiry, type }: OutboxRow,
  now: number,
): Promise<Pick<Claimed, 'withhold' | 'batches'>> {
  const [candidates, enquiries, photographs = []] = await session.read([
    sql`SELECT standing, best_image, own_image FROM candidate WHERE candidate_id = ${text(candidate)}`,
    sql`SELECT ended, expires FROM enquiry WHERE enquiry_id = ${text(enquiry)}`,
    sql`SELECT o.batch_id, o.do_not_match FROM candidate c
      JOIN pipeline_output o ON o.id = c.best_image OR o.id = c.own_image
      WHERE c.candidate_id = ${text(candidate)}`,
  ]);
  const batches = photographs.map(({ batch_id }) => batch_id as string);
  // Its rows go some time after the tombstones were set.
  const images = [candidates?.[0]?.best_image, candidates?.[0]?.own_image].filter(
    (id) => typeof id === 'string',
  );
  const [erased = []] =
    images.length === 0
      ? []
      : await session.read([
          sql`SELECT image_hash FROM erased_image WHERE image_hash IN (${join(
            images.map((id) => text(tombstoneOf(id))),
            ', ',
          )})`,
        ]);
  if (erased.length > 0) return { batches, withhold: 'CandidateGone' };
  const isForbidden = photographs.some(({ do_not_match }) => do_not_match === 1);
  const withhold = isForbidden
    ? 'MatchingForbidden'
    : reasonOf(type, candidates?.[0]?.standing, enquiries?.[0], now);
  return { batches, ...(withhold !== undefined && { withhold }) };
}

function reasonOf(
  type: OutboxKind,
  standing: unknown,
  enquiry: Row | undefined,
  now: number,
): WithheldCode | undefined {
  if (enquiry === undefined || standing === undefined) return 'CandidateGone';
  const { ended, expires } = enquiry;
  if (ended !== null && !(type === 'found' && ended === 'reunited')) return 'EnquiryEnded';
  if (expires !== null && Date.parse(expires as string) <= now) return 'EnquiryExpired';
  return standing === (type === 'found' ? 'found' : 'open') ? undefined : 'CandidateDecided';
}

const COLUMNS =
  'event_id, kind, enquiry_id, candidate_id, created_at, state, sent, next_at, ended_at, code, message';

const toRow = (row: Row): OutboxRow => ({
  id: row.event_id as string,
  type: row.kind as OutboxKind,
  enquiry: row.enquiry_id as string,
  candidate: row.candidate_id as string,
  at: row.created_at as string,
  state: row.state as OutboxState,
  sent: row.sent as number,
  nextAt: row.next_at as string,
  ...(row.ended_at !== null && { endedAt: row.ended_at as string }),
  ...(row.code !== null && { reason: { code: row.code as string, message: (row.message as string) ?? '' } }),
});
