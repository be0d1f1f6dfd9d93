import type { ResultTable } from '../../results/table.ts';
import { IMAGE_TABLES } from '../../results/tables.ts';
import { type Place, type PlaceDeps, type Store, UNTIL_ERASED } from '../place.ts';

/** A table as a store of the map. */
export const sqlStore = ({ name, holds, kept = UNTIL_ERASED }: ResultTable): Store => ({
  name: `sql:${name}`,
  holds,
  kept,
});

/** Every row about an image, and the counts it is in. */
export const resultRows = ({ results, people }: PlaceDeps): Place => ({
  stores: IMAGE_TABLES.map(sqlStore),
  count: async ({ ids }) => {
    const found = await (await results()).erasures.count([...ids]);
    return Object.fromEntries(Object.entries(found).map(([table, rows]) => [`sql:${table}`, rows]));
  },
  erase: async ({ ids }, { signal }) => {
    await (await results()).erasures.remove([...ids], signal);
    // Groups may have borne the name of a face that is gone. What is left of them is made again at once.
    await (await people()).settleAll(() => signal.aborted);
    await (await results()).database.forget?.();
  },
});
