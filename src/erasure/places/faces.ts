import { tables } from '../../storage/names.ts';
import { type Place, type PlaceDeps, UNTIL_ERASED } from '../place.ts';

const LISTS = 'vision:face lists';
const INDEXES = [tables.faceIndex, tables.faceIndexR03, tables.faceIndexI02].map((name) => `table:${name}`);
const [INDEX = '', ...OTHERS] = INDEXES;

/** Faceprints: enrolled faces in the lists of the Face service (or of the engine), and the index of whose they are. */
export const faceprints = ({ gallery }: PlaceDeps): Place => ({
  stores: [
    { name: LISTS, holds: 'the faceprints of its faces, with their keys', kept: UNTIL_ERASED },
    { name: INDEX, holds: 'which faceprint is which face of it', kept: UNTIL_ERASED },
    ...OTHERS.map((name) => ({
      name,
      holds: 'the same of another model of recognition, where one was switched to',
      kept: UNTIL_ERASED,
    })),
  ],
  count: async ({ keys }, { thorough, signal }) => {
    const { persisted, rows } = await gallery().traces(keys, thorough, signal);
    return {
      [LISTS]: persisted,
      ...Object.fromEntries(Object.entries(rows).map(([name, found]) => [`table:${name}`, found])),
    };
  },
  erase: ({ keys }, { thorough, signal }) => gallery().erase(keys, thorough, signal),
});
