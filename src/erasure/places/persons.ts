import { PERSON_TABLES } from '../../results/tables.ts';
import type { Place, PlaceDeps } from '../place.ts';
import { isPerson, type Target } from '../subjects.ts';
import { sqlStore } from './results.ts';

const personsIn = ({ subjects }: Target): string[] => subjects.filter(isPerson).map(({ id }) => id);

/**
 * Persons that are erased: their names, what others wrote of them, and what was decided about them. Photographs and faces
 * stay, as nobody's.
 */
export const personRows = ({ people }: PlaceDeps): Place => ({
  stores: PERSON_TABLES.map(sqlStore),
  count: async (target) => {
    const found = await (await people()).persons.traces(personsIn(target));
    return Object.fromEntries(Object.entries(found).map(([table, rows]) => [`sql:${table}`, rows]));
  },
  erase: async (target, { signal, by = '' }) => {
    const { persons } = await people();
    for (const id of personsIn(target)) {
      signal.throwIfAborted();
      await persons.erase(id, by);
    }
  },
});
