import { randomUUID } from 'node:crypto';
import type { Database, Row } from '../database/database.ts';
import { insertRows, int, type Sql, sql, text } from '../database/sql.ts';
import type { Clock } from '../domain/ports.ts';
import { CLOCKS_DIFFER_MS } from '../domain/wrong-clock.ts';

/** What is done to each item. `erase` and `export` take all of them together. */
export type BulkKind = 'rerun' | 'erase' | 'export' | 'replay' | 'drop';

/** `draft`: listed, to be confirmed; `stopped`: somebody ended it before its end. */
type BulkState = 'draft' | 'running' | 'done' | 'stopped';

/** What an act is about beside its items; no personal data. */
export interface BulkDetail {
  /** Of a rerun: the one step; all of the image's own where absent. */
  step?: string;
  /** Of a rerun: only where that step has failed. */
  onlyFailed?: boolean;
  /** Of a rerun: whether steps that make biometric data may be added to a pipeline that has none of them. */
  biometric?: boolean;
  /** Of an erasure: the id of its receipt. */
  receipt?: string;
  /** Items that were left alone, by code, with one sentence each. */
  left?: Record<string, { items: number; message: string }>;
}

export interface BulkAct {
  id: string;
  kind: BulkKind;
  state: BulkState;
  askedBy: string;
  /** ISO 8601, UTC. */
  createdAt: string;
  endedAt?: string;
  items: number;
  /** Items that have been looked at. */
  position: number;
  /** Of these, those something was done to. */
  acted: number;
  detail: BulkDetail;
}

/** A running act that this process has for itself until the time that its lease names. */
export interface HeldAct {
  act: BulkAct;
  lease: string;
}

/** Acts on many images at once, each with exactly the items that were confirmed. */
export class BulkActs {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  #now(laterMs = 0): string {
    return new Date(this.#clock() + laterMs).toISOString();
  }

  /** Writes down what is asked for; nothing is done before it is started. */
  async draft(
    kind: BulkKind,
    items: readonly string[],
    detail: BulkDetail,
    askedBy: string,
  ): Promise<BulkAct> {
    const id = randomUUID();
    const createdAt = this.#now();
    await this.#database.write(async (session) => {
      await session.run([
        sql`INSERT INTO bulk_act (id, kind, state, asked_by, created_at, items, position, acted, detail)
          VALUES (${text(id)}, ${text(kind)}, 'draft', ${text(askedBy)}, ${text(createdAt)}, ${int(items.length)}, 0, 0, ${text(JSON.stringify(detail))})`,
        ...insertRows(
          'bulk_item',
          { act_id: 'text', position: 'int', item: 'text' },
          items.map((item, position) => ({ act_id: id, position, item })),
          this.#database.dialect,
        ),
      ]);
    });
    return {
      id,
      kind,
      state: 'draft',
      askedBy,
      createdAt,
      items: items.length,
      position: 0,
      acted: 0,
      detail,
    };
  }

  async get(id: string): Promise<BulkAct | undefined> {
    const [act] = await this.#acts(sql`id = ${text(id)}`, 1);
    return act;
  }

  /** Those that were started, newest first. */
  latest(limit: number): Promise<BulkAct[]> {
    return this.#acts(sql`state <> 'draft'`, limit);
  }

  running(limit: number): Promise<BulkAct[]> {
    return this.#acts(sql`state = 'running'`, limit);
  }

  async #acts(where: Sql, limit: number): Promise<BulkAct[]> {
    const [rows = []] = await this.#database.read([
      sql`SELECT id, kind, state, asked_by, created_at, ended_at, items, position, acted, detail FROM bulk_act
        WHERE ${where} ORDER BY created_at DESC, id DESC${this.#database.dialect.limit(limit)}`,
    ]);
    return rows.map(toAct);
  }

  /** @returns false where it is no draft any more */
  async start(id: string, detail: BulkDetail): Promise<boolean> {
    return (
      (await this.#run(
        sql`UPDATE bulk_act SET state = 'running', detail = ${text(JSON.stringify(detail))} WHERE id = ${text(id)} AND state = 'draft'`,
      )) === 1
    );
  }

  /** Items in their order, those that were erased meanwhile left out. */
  async items(
    id: string,
    range: { from: number; limit: number },
  ): Promise<{ position: number; item: string }[]> {
    const [rows = []] = await this.#database.read([
      sql`SELECT position, item FROM bulk_item WHERE act_id = ${text(id)} AND position >= ${int(range.from)}
        ORDER BY position${this.#database.dialect.limit(range.limit)}`,
    ]);
    return rows.map((row) => ({ position: Number(row.position), item: String(row.item) }));
  }

  /** @returns undefined where it is not running, or another process is at work on it */
  async take(id: string, leaseMs: number): Promise<HeldAct | undefined> {
    const lease = this.#now(leaseMs);
    const taken = await this.#run(
      sql`UPDATE bulk_act SET lease_until = ${text(lease)} WHERE id = ${text(id)} AND state = 'running'
        AND (lease_until IS NULL OR lease_until < ${text(this.#now())} OR lease_until > ${text(this.#now(leaseMs + CLOCKS_DIFFER_MS))})`,
    );
    const act = taken === 1 ? await this.get(id) : undefined;
    return act && { act, lease };
  }

  /**
   * Writes down how far it is and keeps it, or lets it go where no lease is asked for.
   *
   * @returns what to go on with, or undefined where it was stopped or taken over
   */
  async keep({ act, lease }: HeldAct, leaseMs?: number): Promise<HeldAct | undefined> {
    const next = leaseMs === undefined ? null : this.#now(leaseMs);
    const kept = await this.#run(
      sql`UPDATE bulk_act SET position = ${int(act.position)}, acted = ${int(act.acted)}, detail = ${text(JSON.stringify(act.detail))},
        lease_until = ${text(next)} WHERE id = ${text(act.id)} AND state = 'running' AND lease_until = ${text(lease)}`,
    );
    return kept === 1 && next !== null ? { act, lease: next } : undefined;
  }

  /** Ends an act and forgets what it was about. A draft is forgotten whole. */
  async end(id: string, state: 'done' | 'stopped'): Promise<void> {
    const key = text(id);
    await this.#database.write((session) =>
      session.run([
        sql`DELETE FROM bulk_act WHERE id = ${key} AND state = 'draft'`,
        sql`UPDATE bulk_act SET state = ${text(state)}, ended_at = ${text(this.#now())}, lease_until = NULL WHERE id = ${key} AND state = 'running'`,
        sql`DELETE FROM bulk_item WHERE act_id = ${key}`,
      ]),
    );
  }

  /** Forgets drafts that nobody confirmed, and acts that ended long ago. @param before ISO 8601, UTC */
  async forget(before: { drafts: string; ended: string }): Promise<number> {
    return this.#run(
      sql`DELETE FROM bulk_act WHERE (state = 'draft' AND created_at < ${text(before.drafts)})
        OR (state IN ('done', 'stopped') AND created_at < ${text(before.ended)})`,
    );
  }

  #run(statement: Sql): Promise<number> {
    return this.#database.write((session) => session.run([statement]));
  }
}

const toAct = (row: Row): BulkAct => ({
  id: String(row.id),
  kind: row.kind as BulkKind,
  state: row.state as BulkState,
  askedBy: String(row.asked_by),
  createdAt: String(row.created_at),
  ...(row.ended_at !== null && { endedAt: String(row.ended_at) }),
  items: Number(row.items),
  position: Number(row.position),
  acted: Number(row.acted),
  detail: JSON.parse(String(row.detail)) as BulkDetail,
});
