import { type Sql, sql, text } from '../database/sql.ts';

/** Where a walk through images goes on, in the order of the time they were finished (ISO 8601 in UTC) and their ids. */
interface Place {
  finishedAt: string;
  id: string;
}

/** Rows of `pipeline_output` behind this place: an index of both columns is walked from there on, whatever came before. */
export const behind = ({ finishedAt, id }: Place): Sql =>
  sql`[timestamp] >= ${text(finishedAt)} AND ([timestamp] > ${text(finishedAt)} OR id > ${text(id)})`;
