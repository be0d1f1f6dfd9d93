import type { Database } from './database.ts';
import { isoTime, tagName } from './normal-forms.ts';
import { join, raw, type Sql, sql, text } from './sql.ts';
import type { ImageFilter } from './store.ts';
import { afterPrefix, searchWords } from './words.ts';

/** Rows up to which a condition's images are sorted; a condition with more is common enough to walk in time order. */
const SMALL = 20_000;

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

/** @returns undefined when the filter can match nothing */
function conditions(filter: ImageFilter): Condition[] | undefined {
  const found: Condition[] = [];
  const columns: Sql[] = [];
  if (filter.batchId !== undefined) columns.push(sql`batch_id = ${text(filter.batchId)}`);
  if (filter.status !== undefined) columns.push(sql`status = ${text(filter.status)}`);
  if (columns.length > 0) found.push(outputs(join(columns, ' AND ')));
  if (filter.tag !== undefined) {
    found.push(child('image_tag', 'name', sql`name = ${text(tagName(filter.tag))}`, true));
  }
  if (filter.text !== undefined) {
    const words = searchWords(filter.text);
    if (words.length === 0) return undefined;
    for (const { word, prefix } of words) {
      const condition = prefix
        ? sql`word >= ${text(word)} AND word < ${text(afterPrefix(word))}`
        : sql`word = ${text(word)}`;
      found.push(child('image_word', 'word', condition, !prefix));
    }
  }
  return found;
}

/** The condition with the fewest images leads. Databases without statistics guess this badly, so it is counted. */
async function choose(database: Database, all: readonly Condition[], small: number): Promise<Condition> {
  const [only] = all;
  if (only === undefined) return outputs(always);
  if (all.length === 1 && only.inTimeOrder) return only;
  const counted = await database.read(
    all.map(
      ({ rows }) => sql`SELECT COUNT(*) AS images FROM (${rows}${database.dialect.limit(small)}) counted`,
    ),
  );
  const size = (index: number) => Number(counted[index]?.[0]?.images ?? 0);
  const best = all.reduce((least, _, index) => (size(index) < size(least) ? index : least), 0);
  if (size(best) < small) return all[best] ?? only;
  return all.find(({ inTimeOrder }) => inTimeOrder) ?? outputs(always);
}

/** Ids of one page of images, newest first. */
export async function findIds(
  database: Database,
  filter: ImageFilter,
  small: number = SMALL,
): Promise<string[]> {
  const all = conditions(filter);
  if (all === undefined) return [];
  const lead = await choose(database, all, small);
  const where = [lead.where, ...all.filter((one) => one !== lead).map(({ probe }) => probe)];
  if (filter.after !== undefined) {
    const time = text(isoTime(filter.after.finishedAt));
    // The first comparison alone bounds the walk through the index; the second one is exact.
    where.push(
      sql`d.timestamp <= ${time} AND (d.timestamp < ${time} OR d.image_id < ${text(filter.after.id)})`,
    );
  }
  const limit = Math.min(1000, Math.max(1, Math.trunc(filter.limit ?? 100)));
  const [rows] = await database.read([
    sql`SELECT d.image_id FROM ${lead.from} WHERE ${join(where, ' AND ')} ORDER BY d.timestamp DESC, d.image_id DESC${database.dialect.limit(limit)}`,
  ]);
  return (rows ?? []).map(({ image_id }) => image_id as string);
}
