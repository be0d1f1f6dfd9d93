import { tables } from '../../storage/names.ts';
import { type Place, type PlaceDeps, UNTIL_ERASED } from '../place.ts';

/** As receipts name them. */
export const LISTS = 'vision:face lists';
/** One for each model of recognition. */
export const INDEXES = [tables.faceIndex, tables.faceIndexR03, tables.faceIndexI02] as const;
export const indexStore = (index: string): string => `table:${index}`;
const [INDEX, ...OTHERS] = INDEXES;

/** Faceprints: enrolled faces in the lists of the Face service (or of the engine), and the index of whose they are. */
export const faceprints = ({ gallery }: PlaceDeps): Place => ({
  stores: [
    { name: LISTS, holds: 'the faceprints of its faces, with their keys', kept: UNTIL_ERASED },
    { name: indexStore(INDEX), holds: 'which faceprint is which face of it', kept: UNTIL_ERASED },
    ...OTHERS.map((index) => ({
      name: indexStore(index),
      holds: 'the same of another model of recognition, where one was switched to',
      kept: UNTIL_ERASED,
    })),
  ],
  count: async ({ keys }, { signal }) => {
    const { persisted, rows } = await gallery().traces(keys, signal);
    return {
      [LISTS]: persisted,
      ...Object.fromEntries(Object.entries(rows).map(([index, found]) => [indexStore(index), found])),
    };
  },
  erase: ({ keys }, { signal }) => gallery().erase(keys, signal),
  leads: true,
});
