import type { Database, Row } from '../database/database.ts';
import { join, raw, type Sql, sql, text } from '../database/sql.ts';
import type { ImageFilter, Position } from './rows.ts';
import { type FoundIds, findPage } from './search.ts';

/** Images that are counted for one answer, and rounds of the search that this may take. */
const COUNTED = 10_000;
const ROUNDS = 12;
/** Images, the newest, whose tags are counted: parameters of two statements. */
const SAMPLED = 1000;

/** How many images fit, and what they have in common. */
export interface Facets {
  images: number;
  /** Whether counting stopped early: there are more. */
  more: boolean;
  /** Images, the newest that fit, whose tags and categories are counted. */
  sampled: number;
  /** The most frequent first. */
  tags: { name: string; images: number }[];
  categories: { name: string; images: number }[];
}

/** The ids that fit, newest first, as far as a bounded search goes. */
export async function idsThatFit(
  database: Database,
  filter: ImageFilter,
  most: number,
  rounds = Number.POSITIVE_INFINITY,
): Promise<{ ids: string[]; more: boolean }> {
  const ids: string[] = [];
  let after: Position | undefined;
  for (let round = 0; round < rounds; round += 1) {
    const page: FoundIds = await findPage(database, { ...filter, limit: 1000, ...(after && { after }) });
    ids.push(...page.ids);
    after = page.next;
    if (after === undefined) return { ids: ids.slice(0, most), more: ids.length > most };
    if (ids.length > most) break;
  }
  return { ids: ids.slice(0, most), more: true };
}

/** Counts what fits a filter, with work that is bounded however many images there are. */
export async function readFacets(database: Database, filter: ImageFilter, limit: number): Promise<Facets> {
  const { ids, more } = await idsThatFit(database, filter, COUNTED, ROUNDS);
  const sample = ids.slice(0, SAMPLED);
  if (sample.length === 0) return { images: ids.length, more, sampled: 0, tags: [], categories: [] };
  const list = join(sample.map(text), ', ');
  const names = (table: string): Sql =>
    sql`SELECT name, COUNT(*) AS images FROM ${raw(table)} WHERE image_id IN (${list})
      GROUP BY name ORDER BY images DESC, name${database.dialect.limit(limit)}`;
  const [tags, categories] = await database.read([names('image_tag'), names('image_category')]);
  const toNames = (rows: readonly Row[] = []) =>
    rows.map((row) => ({ name: String(row.name), images: Number(row.images) }));
  return {
    images: ids.length,
    more,
    sampled: sample.length,
    tags: toNames(tags),
    categories: toNames(categories),
  };
}
