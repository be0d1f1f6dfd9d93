import { tables } from '../../storage/names.ts';
import { type Place, type PlaceDeps, UNTIL_ERASED } from '../place.ts';

const LISTS = 'vision:face lists';
const INDEX = `table:${tables.faceIndex}`;

/** Faceprints: enrolled faces in the lists of the Face service (or of the engine), and the index of whose they are. */
export const faceprints = ({ gallery }: PlaceDeps): Place => ({
  stores: [
    { name: LISTS, holds: 'the faceprints of its faces, with their keys', kept: UNTIL_ERASED },
    { name: INDEX, holds: 'which faceprint is which face of it', kept: UNTIL_ERASED },
  ],
  count: async ({ keys }, { thorough, signal }) => {
    const { persisted, rows } = await gallery().traces(keys, thorough, signal);
    return { [LISTS]: persisted, [INDEX]: rows };
  },
  erase: ({ keys }, { thorough, signal }) => gallery().erase(keys, thorough, signal),
});
