import { HashIndex } from '../../storage/hash-index.ts';
import { tables } from '../../storage/names.ts';
import { type Place, type PlaceDeps, UNTIL_ERASED } from '../place.ts';
import { forEach, sumOf } from '../subjects.ts';

/** As receipts name it. */
export const HASHES = `table:${tables.imageHashes}`;

/** Perceptual hashes of the step `duplicates`. */
export const hashes = ({ storage }: PlaceDeps): Place => {
  const index = new HashIndex(storage.tables.table(tables.imageHashes));
  return {
    stores: [{ name: HASHES, holds: 'its perceptual hash, with its address', kept: UNTIL_ERASED }],
    count: async ({ keys }, look) => ({ [HASHES]: await sumOf(keys, look, (key) => index.countOf(key)) }),
    erase: ({ keys }, look) => forEach(keys, look, (key) => index.remove(key)),
    leads: true,
  };
};
