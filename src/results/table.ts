import { join, raw, type Sql, sql, text } from '../database/sql.ts';
import { jobKey } from '../domain/job-id.ts';

/** A table of the result database, as creation, `clear`, erasure and the map of the data know it. */
export interface ResultTable {
  readonly name: string;
  /** Columns by which a row is one of its kind: of the primary key, or of a unique index. */
  readonly key: readonly string[];
  /** Columns with the job ids of the images that a row is about: one, or two of a pair. */
  readonly images?: readonly [string] | readonly [string, string];
  /** Columns with the keys of the faces that a row is about, where it does not name their images itself. */
  readonly faces?: readonly [string] | readonly [string, string];
  /** What a row holds, in the words of the map of the data and of receipts. */
  readonly holds: string;
  /** How long a row stays; absent where that is "until erased". */
  readonly kept?: string;
  /** Of a table about no image: whether `clear` empties it all the same. */
  readonly cleared?: boolean;
}

/** Where a face key with nothing but a number after `<job>-` can stand: `.` is what follows `-`. */
function facesOf(column: Sql, id: string): Sql {
  const key = jobKey(id);
  const rest = { type: 'int', value: key.length + 2 } as const;
  // The ids `a` and `a-1` may both be jobs: of `a-1-2` only the second is the owner.
  return sql`(${column} >= ${text(`${key}-`)} AND ${column} < ${text(`${key}.`)} AND SUBSTRING(${column}, ${rest}, 200) NOT LIKE '%-%')`;
}

/**
 * By which conditions the rows of a table are about these images: one for each column, so that each can walk an index.
 * None for a table about no image. A face that a rerun no longer finds still counts as its image's.
 */
export function rowsAbout(table: ResultTable, ids: readonly string[]): Sql[] {
  if (ids.length === 0) return [];
  const isOneOf = (column: Sql) =>
    ids.length === 1 ? sql`${column} = ${text(ids[0])}` : sql`${column} IN (${join(ids.map(text), ', ')})`;
  return [
    ...(table.images ?? []).map((column) => isOneOf(raw(column))),
    ...(table.faces ?? []).map((column) =>
      join(
        ids.map((id) => facesOf(raw(column), id)),
        ' OR ',
      ),
    ),
  ];
}
