import type { Database, Row } from '../database/database.ts';
import { int, join, raw, type Sql, sql, text } from '../database/sql.ts';
import { ALL } from './count-changes.ts';
import { foldCounts } from './fold-counts.ts';
import { recount } from './recount.ts';
import type { Recounted } from './recounted.ts';
import type { ImageStatus } from './rows.ts';
import { afterPrefix } from './words.ts';

export interface BatchTotals {
  batchId: string;
  images: number;
  byStatus: Partial<Record<ImageStatus, number>>;
  faces: number;
  /** ISO 8601, UTC; absent where there is no image. */
  latest?: string;
}

interface Totals extends Omit<BatchTotals, 'batchId'> {
  /** Differs whenever a result or a decision was written in between. */
  stamp: string;
  /** Undecided possible matches, counted up to `REVIEW_COUNTED`. */
  toReview: number;
}

const REVIEW_COUNTED = 1000;

export interface FailureCount {
  step: string;
  state: 'failed' | 'skipped';
  code: string | undefined;
  images: number;
}

/** How many images a step ended for in one way. */
export interface OutcomeCount {
  /** '' for the image itself: `state` is then its status, and `code` why it was rejected. */
  step: string;
  state: string;
  /** '' where there is none. */
  code: string;
  /** How long the successful attempt took; of an image, how long from its admission to its row: see `latency-bucket.ts`. */
  took: number;
  images: number;
  /** Of all of them together. */
  attempts: number;
  /** Those of them that followed a failed one. */
  retries: number;
}

/** Images of a batch that ended so. */
interface BatchEnd {
  batchId: string;
  status: string;
  images: number;
}

/** See `OutcomeCount`. */
type EndReason = Omit<OutcomeCount, 'took' | 'attempts' | 'retries'> & { batchId: string };

/** States of a step, and statuses of an image, that have a reason. */
const ILL = ['failed', 'rejected', 'superseded', 'gone'];

/** Readings of figures that somebody folds in at the same moment, at most: then they are taken as they are. */
const READINGS = 5;

const SUMS = raw(
  'SUM(images) AS images, SUM(faces) AS faces, SUM(changes) AS changes, MAX(latest) AS latest',
);

/**
 * Figures that cost the same however many images there are. Each is what is folded in and what is not yet, together:
 * it holds every image that was saved before it was asked for.
 */
export class Counts {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Brings what saves have appended into the counts. Nothing depends on when. */
  fold(): Promise<void> {
    return foldCounts(this.#database);
  }

  /** Counts the images themselves and corrects what the counts say otherwise. @returns what was wrong */
  recount(): Promise<Recounted[]> {
    return recount(this.#database);
  }

  async totals(): Promise<Totals> {
    const [rows = [], decided, undecided] = await this.#read([
      sql`SELECT status, ${SUMS} FROM (
        SELECT status, images, faces, changes, latest FROM batch_count WHERE batch_id = ${text(ALL)}
        UNION ALL SELECT status, images, faces, changes, latest FROM count_change WHERE kind = 'batch') c GROUP BY status`,
      sql`SELECT MAX(decided_at) AS latest FROM match_decision`,
      sql`SELECT COUNT(*) AS pairs FROM (SELECT 1 AS one FROM face_match WHERE verdict IS NULL AND enquiry = 0
        ORDER BY confidence, face_a, face_b${this.#database.dialect.limit(REVIEW_COUNTED)}) counted`,
    ]);
    const changes = rows.reduce((sum, { changes }) => sum + Number(changes), 0);
    const { batchId: _, ...all } = toBatch(ALL, rows);
    const toReview = Number(undecided?.[0]?.pairs ?? 0);
    return { ...all, stamp: [changes, decided?.[0]?.latest ?? '', toReview].join('-'), toReview };
  }

  /** Faces found in all images. */
  async faces(): Promise<number> {
    const [rows] = await this.#read([
      sql`SELECT SUM(faces) AS faces FROM (SELECT faces FROM batch_count WHERE batch_id = ${text(ALL)}
        UNION ALL SELECT faces FROM count_change WHERE kind = 'batch') c`,
    ]);
    return Number(rows?.[0]?.faces ?? 0);
  }

  /** Batches by name, with at least one image. */
  async batches(range: { prefix?: string; after?: string; limit?: number } = {}): Promise<BatchTotals[]> {
    const within = (column: string) =>
      join([sql`${raw(column)} > ${text(range.after ?? ALL)}`, ...startsWith(column, range.prefix)], ' AND ');
    const changed = sql`SELECT name FROM count_change WHERE kind = 'batch' AND ${within('name')}`;
    // The first ones that nothing is to be folded into, and all others that something is: the first of both are among them.
    const chosen =
      range.limit === undefined
        ? raw('')
        : sql` AND (batch_id IN (${changed}) OR batch_id IN (SELECT batch_id FROM (SELECT batch_id FROM batch_count
            WHERE images > 0 AND ${within('batch_id')} AND batch_id NOT IN (${changed})
            GROUP BY batch_id ORDER BY batch_id${this.#database.dialect.limit(range.limit)}) b))`;
    const [rows = []] = await this.#read([
      sql`SELECT batch_id, status, ${SUMS} FROM (
        SELECT batch_id, status, images, faces, changes, latest FROM batch_count WHERE ${within('batch_id')}${chosen}
        UNION ALL SELECT name, status, images, faces, changes, latest FROM count_change WHERE kind = 'batch' AND ${within('name')}) c
        GROUP BY batch_id, status ORDER BY batch_id, status`,
    ]);
    return [...Map.groupBy(rows, ({ batch_id }) => batch_id as string)]
      .map(([id, own]) => toBatch(id, own))
      .filter(({ images }) => images > 0)
      .slice(0, range.limit);
  }

  async batch(batchId: string): Promise<BatchTotals> {
    const batch = text(batchId);
    const [rows = []] = await this.#read([
      sql`SELECT status, ${SUMS} FROM (
        SELECT status, images, faces, changes, latest FROM batch_count WHERE batch_id = ${batch} AND batch_id <> ${text(ALL)}
        UNION ALL SELECT status, images, faces, changes, latest FROM count_change
          WHERE kind = 'batch' AND name = ${batch} AND name <> ${text(ALL)}) c GROUP BY status`,
    ]);
    return toBatch(batchId, rows);
  }

  /** The most frequent first. */
  async names(query: {
    kind: 'tag' | 'category';
    prefix?: string;
    limit: number;
  }): Promise<{ name: string; images: number }[]> {
    const limit = this.#database.dialect.limit(query.limit);
    const where = join([sql`kind = ${text(query.kind)}`, ...startsWith('name', query.prefix)], ' AND ');
    const changed = sql`SELECT name FROM count_change WHERE ${where}`;
    // As for the batches: the most frequent ones that nothing is to be folded into, and all that something is.
    const [rows = []] = await this.#read([
      sql`SELECT name, SUM(images) AS images FROM (
        SELECT name, images FROM (SELECT name, images FROM tag_count WHERE ${where} AND images > 0
          AND name NOT IN (${changed}) ORDER BY images DESC, name DESC${limit}) steady
        UNION ALL SELECT name, images FROM tag_count WHERE ${where} AND name IN (${changed})
        UNION ALL SELECT name, images FROM count_change WHERE ${where}) c
        GROUP BY name HAVING SUM(images) > 0 ORDER BY SUM(images) DESC, name DESC${limit}`,
    ]);
    return rows.map(({ name, images }) => ({ name: name as string, images: Number(images) }));
  }

  /** Without a snapshot, a change folded in while the statement runs would be counted twice or not at all. */
  async #read(statements: readonly Sql[]): Promise<Row[][]> {
    const folds = sql`SELECT folds FROM count_fold WHERE id = 1`;
    for (let reading = 1; ; reading += 1) {
      const [before, ...sets] = await this.#database.read([folds, ...statements, folds]);
      const after = sets.pop();
      if (before?.[0]?.folds === after?.[0]?.folds || reading === READINGS) return sets;
    }
  }

  /** How steps of the images that have a row ended, and how long they took. @param batchId of all images where absent */
  async outcomes(batchId?: string): Promise<OutcomeCount[]> {
    const rows = await this.#outcomes(batchId, raw('step, state, code, took'), raw(''));
    return rows.map((row) => ({
      step: row.step as string,
      state: row.state as string,
      code: row.code as string,
      took: Number(row.took),
      images: Number(row.images),
      attempts: Number(row.attempts),
      retries: Number(row.retries),
    }));
  }

  /** What failed, the most frequent first. */
  async failures(): Promise<FailureCount[]> {
    const of = sql` AND step <> '' AND state IN ('failed', 'skipped')`;
    const rows = await this.#outcomes(undefined, raw('step, state, code'), of);
    return rows
      .map(({ step, state, code, images }) => ({
        step: step as string,
        state: state as FailureCount['state'],
        code: code === '' ? undefined : (code as string),
        images: Number(images),
      }))
      .sort((one, two) => two.images - one.images);
  }

  /**
   * How the images of each batch ended, and why those did that are not done: of a step that failed, and of the images
   * themselves (step ''), where that was said. What the others took, by far the most of what is counted, is not read.
   *
   * @param batchId of this one only
   */
  async ends(batchId?: string): Promise<{ statuses: BatchEnd[]; reasons: EndReason[] }> {
    const batch = batchId === undefined ? undefined : text(batchId);
    const within = (column: string) =>
      batch ? sql`${raw(column)} = ${batch}` : sql`${raw(column)} > ${text(ALL)}`;
    const ill = join(ILL.map(text), ', ');
    const [statuses = [], reasons = []] = await this.#read([
      sql`SELECT batch_id, status, SUM(images) AS images FROM (
        SELECT batch_id, status, images FROM batch_count WHERE ${within('batch_id')}
        UNION ALL SELECT name, status, images FROM count_change WHERE kind = 'batch' AND ${within('name')}) c
        GROUP BY batch_id, status HAVING SUM(images) > 0 ORDER BY batch_id, status`,
      sql`SELECT batch_id, step, state, code, SUM(images) AS images FROM (
        SELECT batch_id, step, state, code, images FROM step_count WHERE ${within('batch_id')} AND state IN (${ill})
        UNION ALL SELECT name, step, status, code, images FROM count_change
          WHERE kind = 'step' AND ${within('name')} AND status IN (${ill})) c
        GROUP BY batch_id, step, state, code HAVING SUM(images) > 0 ORDER BY batch_id, step, state, code`,
    ]);
    return {
      statuses: statuses.map((row) => ({
        batchId: row.batch_id as string,
        status: row.status as string,
        images: Number(row.images),
      })),
      reasons: reasons.map((row) => ({
        batchId: row.batch_id as string,
        step: row.step as string,
        state: row.state as string,
        code: row.code as string,
        images: Number(row.images),
      })),
    };
  }

  /** @param by columns: a row for each of their values, in that order @param where more conditions */
  async #outcomes(batchId: string | undefined, by: Sql, where: Sql): Promise<Row[]> {
    const batch = text(batchId ?? ALL);
    const named = batchId === undefined ? raw('') : sql` AND name = ${batch}`;
    const [rows = []] = await this.#read([
      sql`SELECT ${by}, SUM(images) AS images, SUM(attempts) AS attempts, SUM(retries) AS retries FROM (
        SELECT step, state, code, took, images, attempts, retries FROM step_count WHERE batch_id = ${batch}
        UNION ALL SELECT step, status, code, took, images, attempts, retries FROM count_change WHERE kind = 'step'${named}) c
        WHERE 1 = 1${where} GROUP BY ${by} HAVING SUM(images) > 0 ORDER BY ${by}`,
    ]);
    return rows;
  }

  /** When the first and the last result were written, and how many since a moment: ISO 8601 in UTC. */
  async finished(since: string, batchId?: string): Promise<{ first?: string; last?: string; since: number }> {
    const batch = batchId === undefined ? raw('') : sql` AND batch_id = ${text(batchId)}`;
    const edge = (order: 'ASC' | 'DESC') =>
      sql`SELECT [timestamp] AS at FROM pipeline_output WHERE 1 = 1${batch}
        ORDER BY [timestamp] ${raw(order)}${this.#database.dialect.limit(1)}`;
    const [first, last, recent] = await this.#database.read([
      edge('ASC'),
      edge('DESC'),
      sql`SELECT COUNT(*) AS images FROM pipeline_output WHERE [timestamp] > ${text(since)}${batch}`,
    ]);
    return {
      ...(first?.[0] && { first: String(first[0].at) }),
      ...(last?.[0] && { last: String(last[0].at) }),
      since: Number(recent?.[0]?.images ?? 0),
    };
  }

  /** Results by the minute they were written in (`2026-11-23T12:00`); minutes without any are left out. */
  async perMinute(from: string, to: string): Promise<Map<string, number>> {
    const [rows = []] = await this.#database.read([
      sql`SELECT SUBSTRING(timestamp, 1, 16) AS minute, COUNT(*) AS images FROM pipeline_output
        WHERE timestamp >= ${text(from)} AND timestamp < ${text(to)} GROUP BY SUBSTRING(timestamp, 1, 16)`,
    ]);
    return new Map(rows.map(({ minute, images }) => [minute as string, images as number]));
  }
}

/**
 * Conditions for a column's value to begin with a prefix. Where its last character has no successor, a longer range is
 * read.
 */
function startsWith(column: string, prefix: string | undefined): Sql[] {
  if (prefix === undefined || prefix === '') return [];
  const last = prefix.codePointAt(prefix.length - 1) ?? 0;
  const bounded = last < 0xd7ff || (last >= 0xe000 && last < 0xfffd);
  // One database counts UTF-16 code units, the other code points: where these differ, the other length never fits.
  const begins = [prefix.length, [...prefix].length].map(
    (length) => sql`SUBSTRING(${raw(column)}, 1, ${int(length)}) = ${text(prefix)}`,
  );
  return [
    sql`${raw(column)} >= ${text(prefix)}`,
    bounded ? sql`${raw(column)} < ${text(afterPrefix(prefix))}` : sql`(${join(begins, ' OR ')})`,
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
    byStatus: Object.fromEntries(own.map(({ status, images }) => [status as ImageStatus, Number(images)])),
    faces: sum('faces'),
    ...(latest !== undefined && { latest }),
  };
}
