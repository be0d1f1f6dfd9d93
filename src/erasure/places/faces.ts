import { tables } from '../../storage/names.ts';
import { type Place, type PlaceDeps, UNTIL_ERASED } from '../place.ts';

/** As receipts name them. */
export const LISTS = 'vision:face lists';
export const INDEX = `table:${tables.faceIndex}`;

/** Faceprints: enrolled faces in the lists of the Face service (or of the engine), and the index of whose they are. */
export const faceprints = ({ gallery }: PlaceDeps): Place => ({
  stores: [
    { name: LISTS, holds: 'the faceprints of its faces, with their keys', kept: UNTIL_ERASED },
    { name: INDEX, holds: 'which faceprint is which face of it', kept: UNTIL_ERASED },
  ],
  count: async ({ keys }, { signal }) => {
    const { persisted, rows } = await gallery().traces(keys, signal);
    return { [LISTS]: persisted, [INDEX]: rows };
  },
  erase: ({ keys }, { signal }) => gallery().erase(keys, signal),
  leads: true,
});
