import type { Database, Row } from '../database/database.ts';
import { int, join, raw, type Sql, sql, text } from '../database/sql.ts';
import { STEPS_OF } from '../domain/looked-for.ts';
import { isoTime, tagName } from './normal-forms.ts';
import type { ImageFilter, Position, StepOutcome } from './rows.ts';
import { afterPrefix, type SearchWord, searchWords } from './words.ts';

/** Rows up to which a condition's images are sorted; a condition with more is common enough to walk in time order. */
const SMALL = 3000;

/** Images of one page where nobody says how many. */
export const DEFAULT_LIMIT = 100;

/** Images of the leading condition that are looked at for one page, where each has to be asked about the others too. */
const WINDOW = 3000;

/** How much one search does: for tests. */
interface SearchLimits {
  small: number;
  window: number;
}

/** One page of ids. */
export interface FoundIds {
  ids: string[];
  /** When each of them was finished. */
  times: string[];
  /** Where to go on; absent where there are no more. */
  next?: Position;
}

/**
 * One condition on images. Each can either lead the query (its index gives images, newest first) or be asked of
 * images that another one found.
 */
interface Condition {
  /** `FROM` and `WHERE` of its images, as alias `d` with columns `image_id` and `timestamp`. */
  from: Sql;
  where: Sql;
  /** The same question about the image in `d`. */
  probe: Sql;
  /** A row for each of its images (at least), in the order of its index: what is counted, up to a limit. */
  rows: Sql;
  /** Whether the index gives its images in order of time, so that leading is cheap however many there are. */
  inTimeOrder: boolean;
  /** False where it can only be asked of images that another one found. */
  leads?: false;
}

const always = raw('1 = 1');

const outputs = (where: Sql): Condition => ({
  from: raw('(SELECT id AS image_id, timestamp, batch_id, status FROM pipeline_output) d'),
  where,
  probe: sql`EXISTS (SELECT 1 FROM pipeline_output p WHERE p.id = d.image_id AND ${where})`,
  rows: sql`SELECT 1 AS one FROM pipeline_output WHERE ${where} ORDER BY timestamp, id`,
  inTimeOrder: true,
});

const child = (table: string, column: string, condition: Sql, inTimeOrder: boolean): Condition => ({
  from: inTimeOrder
    ? raw(`${table} d`)
    : sql`(SELECT DISTINCT image_id, timestamp FROM ${raw(table)} WHERE ${condition}) d`,
  where: inTimeOrder ? condition : always,
  probe: sql`EXISTS (SELECT 1 FROM ${raw(table)} c WHERE c.image_id = d.image_id AND ${condition})`,
  rows: sql`SELECT 1 AS one FROM ${raw(table)} WHERE ${condition} ORDER BY ${raw(column)}, timestamp, image_id`,
  inTimeOrder,
});

const outputsWithFaces = (where: Sql, inTimeOrder: boolean): Condition => ({
  ...outputs(where),
  from: raw('(SELECT id AS image_id, timestamp, face_count FROM pipeline_output) d'),
  rows: sql`SELECT 1 AS one FROM pipeline_output WHERE ${where} ORDER BY face_count, timestamp, id`,
  inTimeOrder,
});

/** What became of a step: the index knows those alone that failed or were skipped, and is taken where the statement says so. */
const stepOutcome = ({ step, state, code }: StepOutcome): Condition => {
  const parts = [sql`state IN ('failed', 'skipped') AND state = ${text(state)} AND step = ${text(step)}`];
  if (code !== undefined) parts.push(sql`error_code = ${text(code)}`);
  return child('image_step', code === undefined ? 'step' : 'error_code', join(parts, ' AND '), true);
};

/** Images in which faces were looked for: of others it cannot be said that there is none. */
const facesLookedFor: Condition = {
  ...outputs(always),
  probe: sql`EXISTS (SELECT 1 FROM pipeline_output p WHERE p.id = d.image_id AND (p.face_count > 0
    OR (p.status IN ('done', 'partial') AND EXISTS (SELECT 1 FROM image_step c WHERE c.image_id = p.id
      AND c.step = ${text(STEPS_OF.faces[0])} AND c.state = 'done'))))`,
  leads: false,
};

/** By a column that an index of its own leads with. */
const outputsBy = (column: 'purpose' | 'do_not_match', where: Sql): Condition => ({
  ...outputs(where),
  from: raw(`(SELECT id AS image_id, timestamp, ${column} FROM pipeline_output) d`),
  rows: sql`SELECT 1 AS one FROM pipeline_output WHERE ${where} ORDER BY ${raw(column)}, timestamp, id`,
});

const inWords = (condition: Sql, { prefix }: SearchWord): Condition =>
  child('image_word', 'word', condition, !prefix);

const wordIs = (word: string, prefix: boolean): Sql =>
  prefix ? sql`word >= ${text(word)} AND word < ${text(afterPrefix(word))}` : sql`word = ${text(word)}`;

/** Images with any spelling of the word. */
const anyhow = (word: SearchWord): Condition => inWords(wordIs(word.folded, word.prefix), word);

/** Images in which the word is spelled as it was typed. */
const exactly = (word: SearchWord): Condition =>
  inWords(sql`${wordIs(word.word, word.prefix)} AND folded = 0`, word);

/** All images but those that meet every one of the conditions; it never leads where another is. */
const not = (all: readonly Condition[]): Condition => ({
  ...outputs(always),
  probe: sql`NOT (${join(
    all.map(({ probe }) => probe),
    ' AND ',
  )})`,
  leads: false,
});

/** @returns undefined when the filter can match nothing */
function conditions(filter: ImageFilter): Condition[] | undefined {
  const found: Condition[] = [];
  const columns: Sql[] = [];
  if (filter.batchId !== undefined) columns.push(sql`batch_id = ${text(filter.batchId)}`);
  if (filter.status !== undefined) columns.push(sql`status = ${text(filter.status)}`);
  if (columns.length > 0) found.push(outputs(join(columns, ' AND ')));
  if (filter.purpose !== undefined) {
    found.push(outputsBy('purpose', sql`purpose = ${text(filter.purpose)}`));
  }
  if (filter.doNotMatch !== undefined) {
    found.push(outputsBy('do_not_match', sql`do_not_match = ${int(filter.doNotMatch ? 1 : 0)}`));
  }
  const { minFaces = 0, maxFaces } = filter;
  if (minFaces === maxFaces) {
    found.push(outputsWithFaces(sql`face_count = ${int(minFaces)}`, true));
  } else if (minFaces > 0 || maxFaces !== undefined) {
    const range = [sql`face_count >= ${int(minFaces)}`];
    if (maxFaces !== undefined) range.push(sql`face_count <= ${int(maxFaces)}`);
    found.push(outputsWithFaces(join(range, ' AND '), false));
  }
  if (minFaces <= 0 && maxFaces !== undefined) found.push(facesLookedFor);
  if (filter.rejectedFor !== undefined) {
    found.push({
      ...outputs(sql`status = 'rejected' AND reason_code = ${text(filter.rejectedFor)}`),
      from: raw('(SELECT id AS image_id, timestamp, status, reason_code FROM pipeline_output) d'),
    });
  }
  if (filter.outcome !== undefined) found.push(stepOutcome(filter.outcome));
  for (const tag of [filter.tag ?? []].flat()) {
    found.push(child('image_tag', 'name', sql`name = ${text(tagName(tag))}`, true));
  }
  if (filter.warning !== undefined) {
    found.push(child('image_warning', 'code', sql`code = ${text(filter.warning)}`, true));
  }
  for (const category of [filter.category ?? []].flat()) {
    found.push(child('image_category', 'name', sql`name = ${text(tagName(category))}`, true));
  }
  if (filter.text !== undefined) {
    const words = searchWords(filter.text);
    if (words.length === 0) return undefined;
    if (filter.spelling === 'exact') {
      found.push(...words.map(exactly));
    } else {
      found.push(...words.map(anyhow));
      if (filter.spelling === 'other') found.push(not(words.map(exactly)));
    }
  }
  return found;
}

/** The condition with the fewest images leads. Databases without statistics guess this badly, so it is counted. */
async function choose(
  database: Database,
  conditions: readonly Condition[],
  small: number,
): Promise<{ lead: Condition; isSmall: boolean }> {
  const all = conditions.filter(({ leads }) => leads !== false);
  const [only] = all;
  if (only === undefined) return { lead: outputs(always), isSmall: false };
  if (all.length === 1 && only.inTimeOrder) return { lead: only, isSmall: false };
  const counted = await database.read(
    all.map(
      ({ rows }) => sql`SELECT COUNT(*) AS images FROM (${rows}${database.dialect.limit(small)}) counted`,
    ),
  );
  const size = (index: number) => Number(counted[index]?.[0]?.images ?? 0);
  const best = all.reduce((least, _, index) => (size(index) < size(least) ? index : least), 0);
  if (size(best) < small) return { lead: all[best] ?? only, isSmall: true };
  return { lead: all.find(({ inTimeOrder }) => inTimeOrder) ?? outputs(always), isSmall: false };
}

const pageSize = (filter: ImageFilter): number =>
  Math.min(1000, Math.max(1, Math.trunc(filter.limit ?? DEFAULT_LIMIT)));

const newestFirst = raw(' ORDER BY d.timestamp DESC, d.image_id DESC');

/** What holds for every image of the page, whichever condition leads. */
function range(filter: ImageFilter): Sql[] {
  const where: Sql[] = [];
  if (filter.from !== undefined) where.push(sql`d.timestamp >= ${text(isoTime(filter.from))}`);
  if (filter.to !== undefined) where.push(sql`d.timestamp < ${text(isoTime(filter.to))}`);
  if (filter.after !== undefined) {
    const time = text(isoTime(filter.after.finishedAt));
    // The first comparison alone bounds the walk through the index; the second one is exact.
    where.push(
      sql`d.timestamp <= ${time} AND (d.timestamp < ${time} OR d.image_id < ${text(filter.after.id)})`,
    );
  }
  return where;
}

const position = (row: Row | undefined): Position | undefined =>
  row && { finishedAt: row.timestamp as string, id: row.image_id as string };

/**
 * Ids of one page of images, newest first. Two common conditions may hardly ever meet; so that a page never walks
 * through all images, it ends after a window of them: it may then hold fewer ids than asked for, or none, and yet
 * have a `next`.
 */
export async function findPage(
  database: Database,
  filter: ImageFilter,
  { small, window }: SearchLimits = { small: SMALL, window: WINDOW },
): Promise<FoundIds> {
  const all = conditions(filter);
  if (all === undefined) return { ids: [], times: [] };
  const { lead, isSmall } = await choose(database, all, small);
  const own = [lead.where, ...range(filter)];
  const probes = all.filter((one) => one !== lead).map(({ probe }) => probe);
  const { dialect } = database;
  let end: Position | undefined;
  if (probes.length > 0 && !isSmall) {
    const [rows] = await database.read([
      sql`SELECT d.image_id, d.timestamp FROM ${lead.from} WHERE ${join(own, ' AND ')}${newestFirst}${dialect.limit(1, window - 1)}`,
    ]);
    end = position(rows?.[0]);
  }
  if (end !== undefined) {
    const time = text(end.finishedAt);
    own.push(sql`d.timestamp >= ${time} AND (d.timestamp > ${time} OR d.image_id >= ${text(end.id)})`);
  }
  const limit = pageSize(filter);
  const [rows = []] = await database.read([
    sql`SELECT d.image_id, d.timestamp FROM ${lead.from} WHERE ${join([...own, ...probes], ' AND ')}${newestFirst}${dialect.limit(limit)}`,
  ]);
  const next = rows.length === limit ? position(rows.at(-1)) : end;
  return {
    ids: rows.map(({ image_id }) => image_id as string),
    times: rows.map(({ timestamp }) => timestamp as string),
    ...(next && { next }),
  };
}

/** Ids of one whole page, however far it has to look. */
export async function findIds(
  database: Database,
  filter: ImageFilter,
  limits?: SearchLimits,
): Promise<string[]> {
  const ids: string[] = [];
  const limit = pageSize(filter);
  let after = filter.after;
  do {
    const page: FoundIds = await findPage(
      database,
      { ...filter, limit: limit - ids.length, ...(after && { after }) },
      limits,
    );
    ids.push(...page.ids);
    after = page.next;
  } while (after !== undefined && ids.length < limit);
  return ids;
}
