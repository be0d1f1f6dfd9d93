import { HashIndex } from '../../storage/hash-index.ts';
import { tables } from '../../storage/names.ts';
import { type Place, type PlaceDeps, UNTIL_ERASED } from '../place.ts';
import { forEach, sumOf } from '../subjects.ts';

const NAME = `table:${tables.imageHashes}`;

/** Perceptual hashes of the step `duplicates`. */
export const hashes = ({ storage }: PlaceDeps): Place => {
  const index = new HashIndex(storage.tables.table(tables.imageHashes));
  return {
    stores: [{ name: NAME, holds: 'its perceptual hash, with its address', kept: UNTIL_ERASED }],
    count: async ({ keys }, { thorough, signal }) => ({
      [NAME]: thorough
        ? await index.count((key) => keys.has(key), signal)
        : await sumOf(keys, { signal }, (key) => index.countOf(key)),
    }),
    erase: async ({ keys }, look) => {
      await forEach(keys, look, (key) => index.remove(key));
      if (look.thorough) await index.removeAll((key) => keys.has(key), look.signal);
    },
  };
};
