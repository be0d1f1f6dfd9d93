import { HashIndex } from '../../storage/hash-index.ts';
import { tables } from '../../storage/names.ts';
import type { PlaceDeps } from '../place.ts';
import { HASHES } from '../places/hashes.ts';
import type { Swept } from '../sweep/swept.ts';
import { idsByKey } from './ids-by-key.ts';

/** Rows of the index of perceptual hashes, whatever leads to them. */
export const sweptHashes = ({ storage }: PlaceDeps): Swept => {
  const index = new HashIndex(storage.tables.table(tables.imageHashes));
  return {
    name: 'imagehashes',
    stores: [HASHES],
    leads: true,
    open: (target) => {
      const ids = idsByKey(target);
      return async (from) => {
        const { rows, ...rest } = await index.rowsOf((key) => target.keys.has(key), from);
        const traces = rows.map((row) => ({
          store: HASHES,
          ids: ids(row.jobKey),
          erase: () => index.removeRow(row),
          isLeft: () => index.hasRow(row),
        }));
        return { traces, ...rest };
      };
    },
  };
};
