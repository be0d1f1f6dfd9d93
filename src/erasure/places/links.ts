import { tables } from '../../storage/names.ts';
import { type Place, type PlaceDeps, UNTIL_ERASED } from '../place.ts';
import { forEach, sumOf } from '../subjects.ts';

/** As receipts name it. */
export const LINKS = `table:${tables.jobLinks}`;

/** What leads to an image's jobs, and to those that mention it: once nothing has to be found by it any more. */
export const links = ({ journal }: PlaceDeps): Place => ({
  stores: [
    { name: LINKS, holds: 'its blob name with its job id; ids of jobs that mention it', kept: UNTIL_ERASED },
  ],
  count: async ({ ids }, look) => ({ [LINKS]: await sumOf(ids, look, (id) => journal.links.count(id)) }),
  erase: ({ ids }, look) => forEach(ids, look, (id) => journal.links.remove(id, { toIt: true })),
});
