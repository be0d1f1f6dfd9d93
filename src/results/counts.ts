import type { Database, Row, Session } from '../database/database.ts';
import { int, join, raw, type Sql, sql, text } from '../database/sql.ts';
import type { ImageStatus } from './rows.ts';
import { afterPrefix } from './words.ts';

/** What the counts know of an image. */
export interface Counted {
  batchId: string;
  status: string;
  faces: number;
  tags: readonly string[];
  categories: readonly string[];
}

/** The batch under which all images are counted. */
const ALL = '';

/**
 * Locks the image's row, so that of two writers the second waits here, and reads what the counts hold of it.
 *
 * @returns undefined where there is no such row
 */
export async function lockCounted(
  session: Session,
  id: string,
): Promise<(Counted & { run: number }) | undefined> {
  const key = text(id);
  if ((await session.run([sql`UPDATE pipeline_output SET run = run WHERE id = ${key}`])) === 0)
    return undefined;
  const [rows, tags, categories] = await session.read([
    sql`SELECT batch_id, status, face_count, run FROM pipeline_output WHERE id = ${key}`,
    sql`SELECT name FROM image_tag WHERE image_id = ${key}`,
    sql`SELECT name FROM image_category WHERE image_id = ${key}`,
  ]);
  const row = rows?.[0];
  if (row === undefined) return undefined;
  const names = (found: Row[] | undefined) => (found ?? []).map(({ name }) => name as string);
  return {
    batchId: row.batch_id as string,
    status: row.status as string,
    faces: row.face_count as number,
    run: row.run as number,
    tags: names(tags),
    categories: names(categories),
  };
}

/**
 * Statements that bring the counts from one state of an image to the next; either may be absent. The last of their
 * transaction, after the image's tags and categories are written, and in one order for all, because many images share
 * these rows.
 *
 * @param at when the image changed: ISO 8601 in UTC with milliseconds
 */
export function countChange(
  id: string,
  before: Counted | undefined,
  after: Counted | undefined,
  at: string,
): Sql[] {
  const rows = new Map<string, { batchId: string; status: string; images: number; faces: number }>();
  const add = (counted: Counted | undefined, sign: 1 | -1) => {
    if (counted === undefined) return;
    for (const batchId of [ALL, counted.batchId]) {
      const key = JSON.stringify([batchId, counted.status]);
      const row = rows.get(key) ?? { batchId, status: counted.status, images: 0, faces: 0 };
      rows.set(key, { ...row, images: row.images + sign, faces: row.faces + sign * counted.faces });
    }
  };
  add(before, -1);
  add(after, 1);
  const batches = [...rows].sort(([one], [two]) => (one < two ? -1 : 1)).map(([, row]) => row);
  return [
    ...nameChange(id, 'tag', before?.tags ?? [], after?.tags ?? []),
    ...nameChange(id, 'category', before?.categories ?? [], after?.categories ?? []),
    ...batches.flatMap(({ batchId, status, images, faces }) => {
      const same = sql`batch_id = ${text(batchId)} AND status = ${text(status)}`;
      return [
        sql`UPDATE batch_count SET images = images + ${int(images)}, faces = faces + ${int(faces)}, changes = changes + 1,
          latest = CASE WHEN latest < ${text(at)} THEN ${text(at)} ELSE latest END WHERE ${same}`,
        sql`INSERT INTO batch_count (batch_id, status, images, faces, changes, latest)
          SELECT ${text(batchId)}, ${text(status)}, ${int(images)}, ${int(faces)}, 1, ${text(at)}
          WHERE NOT EXISTS (SELECT 1 FROM batch_count WHERE ${same})`,
      ];
    }),
  ];
}

/** Statements that remove the counts that an image was the last of: they would keep the names of its batch and tags. */
export function removeEmptyCounts({ batchId, tags, categories }: Counted): Sql[] {
  const statements = [
    sql`DELETE FROM batch_count WHERE batch_id = ${text(batchId)} AND batch_id <> ${text(ALL)} AND images <= 0
      AND NOT EXISTS (SELECT 1 FROM pipeline_output WHERE batch_id = ${text(batchId)})`,
  ];
  for (const [kind, names] of [
    ['tag', tags],
    ['category', categories],
  ] as const) {
    for (let start = 0; start < names.length; start += NAMES_AT_ONCE) {
      const some = names.slice(start, start + NAMES_AT_ONCE);
      statements.push(
        sql`DELETE FROM tag_count WHERE kind = ${text(kind)} AND images <= 0 AND name IN (${join(some.map(text), ', ')})`,
      );
    }
  }
  return statements;
}

/** Names in one statement. */
const NAMES_AT_ONCE = 200;

function nameChange(
  id: string,
  kind: 'tag' | 'category',
  before: readonly string[],
  after: readonly string[],
): Sql[] {
  const had = new Set(before);
  const has = new Set(after);
  const added = [...has].filter((name) => !had.has(name)).sort();
  const removed = [...had].filter((name) => !has.has(name)).sort();
  const statements: Sql[] = [];
  for (const [names, change] of [
    [added, 1],
    [removed, -1],
  ] as const) {
    for (let start = 0; start < names.length; start += NAMES_AT_ONCE) {
      const some = names.slice(start, start + NAMES_AT_ONCE);
      statements.push(
        sql`UPDATE tag_count SET images = images + ${int(change)} WHERE kind = ${text(kind)} AND name IN (${join(some.map(text), ', ')})`,
      );
      if (change < 0) continue;
      // From the image's own rows, which are written by now, and not from parameters: all names in one collation.
      statements.push(
        sql`INSERT INTO tag_count (kind, name, images) SELECT ${text(kind)}, n.name, 1 FROM ${raw(`image_${kind}`)} n
          WHERE n.image_id = ${text(id)} AND n.name IN (${join(some.map(text), ', ')})
          AND NOT EXISTS (SELECT 1 FROM tag_count c WHERE c.kind = ${text(kind)} AND c.name = n.name)`,
      );
    }
  }
  return statements;
}

export interface BatchTotals {
  batchId: string;
  images: number;
  byStatus: Partial<Record<ImageStatus, number>>;
  faces: number;
  /** ISO 8601, UTC; absent where there is no image. */
  latest?: string;
}

export interface Totals extends Omit<BatchTotals, 'batchId'> {
  /** Differs whenever a result or a decision was written in between. */
  stamp: string;
  /** Undecided possible matches, counted up to `REVIEW_COUNTED`. */
  toReview: number;
}

export const REVIEW_COUNTED = 1000;

export interface FailureCount {
  step: string;
  state: 'failed' | 'skipped';
  code: string | undefined;
  images: number;
}

/** Figures that cost the same however many images there are. */
export class Counts {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async totals(): Promise<Totals> {
    const [rows, decided, undecided] = await this.#database.read([
      sql`SELECT status, images, faces, changes, latest FROM batch_count WHERE batch_id = ${text(ALL)}`,
      sql`SELECT MAX(decided_at) AS latest FROM match_decision`,
      sql`SELECT COUNT(*) AS pairs FROM (SELECT 1 AS one FROM face_match WHERE verdict IS NULL
        ORDER BY confidence, face_a, face_b${this.#database.dialect.limit(REVIEW_COUNTED)}) counted`,
    ]);
    const changes = (rows ?? []).reduce((sum, { changes }) => sum + Number(changes), 0);
    const { batchId: _, ...all } = toBatch(ALL, rows ?? []);
    const toReview = Number(undecided?.[0]?.pairs ?? 0);
    return { ...all, stamp: [changes, decided?.[0]?.latest ?? '', toReview].join('-'), toReview };
  }

  /** Faces found in all images. */
  async faces(): Promise<number> {
    const [rows] = await this.#database.read([
      sql`SELECT faces FROM batch_count WHERE batch_id = ${text(ALL)}`,
    ]);
    return (rows ?? []).reduce((sum, { faces }) => sum + Number(faces), 0);
  }

  /** Batches by name, with at least one image. */
  async batches(range: { prefix?: string; after?: string; limit?: number } = {}): Promise<BatchTotals[]> {
    const where = [
      sql`images > 0`,
      sql`batch_id > ${text(range.after ?? ALL)}`,
      ...startsWith('batch_id', range.prefix),
    ];
    const names =
      range.limit === undefined
        ? raw('')
        : sql` AND batch_id IN (SELECT batch_id FROM (SELECT DISTINCT batch_id FROM batch_count
            WHERE ${join(where, ' AND ')}) b ORDER BY batch_id${this.#database.dialect.limit(range.limit)})`;
    const [rows] = await this.#database.read([
      sql`SELECT batch_id, status, images, faces, latest FROM batch_count WHERE ${join(where, ' AND ')}${names} ORDER BY batch_id, status`,
    ]);
    return [...Map.groupBy(rows ?? [], ({ batch_id }) => batch_id as string)].map(([id, own]) =>
      toBatch(id, own),
    );
  }

  async batch(batchId: string): Promise<BatchTotals> {
    const [rows] = await this.#database.read([
      sql`SELECT status, images, faces, latest FROM batch_count WHERE batch_id = ${text(batchId)} AND batch_id <> ${text(ALL)}`,
    ]);
    return toBatch(batchId, rows ?? []);
  }

  /** The most frequent first. */
  async names(query: {
    kind: 'tag' | 'category';
    prefix?: string;
    limit: number;
  }): Promise<{ name: string; images: number }[]> {
    const where = [sql`kind = ${text(query.kind)}`, sql`images > 0`, ...startsWith('name', query.prefix)];
    const [rows] = await this.#database.read([
      sql`SELECT name, images FROM tag_count WHERE ${join(where, ' AND ')} ORDER BY images DESC, name DESC${this.#database.dialect.limit(query.limit)}`,
    ]);
    return (rows ?? []).map(({ name, images }) => ({ name: name as string, images: images as number }));
  }

  /** What failed, the most frequent first. */
  async failures(): Promise<FailureCount[]> {
    const [rows] = await this.#database.read([
      sql`SELECT state, step, error_code, COUNT(*) AS images FROM image_step WHERE state IN ('failed', 'skipped')
        GROUP BY state, step, error_code ORDER BY images DESC, step, state, error_code`,
    ]);
    return (rows ?? []).map(({ step, state, error_code, images }) => ({
      step: step as string,
      state: state as FailureCount['state'],
      code: (error_code as string | null) ?? undefined,
      images: images as number,
    }));
  }

  /** Results by the minute they were written in (`2026-11-23T12:00`); minutes without any are left out. */
  async perMinute(from: string, to: string): Promise<Map<string, number>> {
    const [rows] = await this.#database.read([
      sql`SELECT SUBSTRING(timestamp, 1, 16) AS minute, COUNT(*) AS images FROM pipeline_output
        WHERE timestamp >= ${text(from)} AND timestamp < ${text(to)} GROUP BY SUBSTRING(timestamp, 1, 16)`,
    ]);
    return new Map((rows ?? []).map(({ minute, images }) => [minute as string, images as number]));
  }
}

/** Conditions for a column's value to begin so. The last character of all has no successor: then a longer range is read. */
function startsWith(column: string, prefix: string | undefined): Sql[] {
  if (prefix === undefined || prefix === '') return [];
  const last = prefix.codePointAt(prefix.length - 1) ?? 0;
  const bounded = last < 0xd7ff || (last >= 0xe000 && last < 0xfffd);
  const length = int(prefix.length);
  return [
    sql`${raw(column)} >= ${text(prefix)}`,
    bounded
      ? sql`${raw(column)} < ${text(afterPrefix(prefix))}`
      : sql`SUBSTRING(${raw(column)}, 1, ${length}) = ${text(prefix)}`,
  ];
}

function toBatch(batchId: string, rows: readonly Row[]): BatchTotals {
  const own = rows.filter(({ images }) => Number(images) > 0);
  const sum = (column: string) => own.reduce((all, row) => all + Number(row[column]), 0);
  const latest = own
    .map((row) => row.latest as string)
    .sort()
    .at(-1);
  return {
    batchId,
    images: sum('images'),
    byStatus: Object.fromEntries(own.map(({ status, images }) => [status as ImageStatus, images as number])),
    faces: sum('faces'),
    ...(latest !== undefined && { latest }),
  };
}
