import { tableKey } from '../../storage/tables.ts';
import type { PlaceDeps } from '../place.ts';
import { LINKS } from '../places/links.ts';
import type { Swept } from '../sweep/swept.ts';

/** Links of which only one side was written before a process ended. */
export const sweptLinks = ({ journal: { links } }: PlaceDeps): Swept => ({
  name: 'joblinks',
  stores: [LINKS],
  leads: false,
  open: (target) => {
    const jobs = new Map([...target.ids].map((id) => [tableKey(id), id]));
    return async (from) => {
      const { rows, ...rest } = await links.naming(jobs, from);
      const traces = rows.map(({ ids, ...row }) => ({
        store: LINKS,
        ids,
        erase: () => links.withdraw(row, target.ids),
        isLeft: () => links.names(row, target.ids),
      }));
      return { traces, ...rest };
    };
  },
});
