import type { PlaceDeps } from '../place.ts';
import { INDEXES, indexStore, LISTS } from '../places/faces.ts';
import type { Swept } from '../sweep/swept.ts';
import { idsByKey } from './ids-by-key.ts';

/** Rows of the face indexes, one of each model, whatever leads to them. */
export const sweptFaceIndexes = (deps: PlaceDeps): Swept[] =>
  INDEXES.map((index) => sweptFaceIndex(deps, index));

const sweptFaceIndex = ({ gallery }: PlaceDeps, index: string): Swept => ({
  name: index,
  stores: [indexStore(index)],
  leads: true,
  open: (target) => {
    const ids = idsByKey(target);
    return async (from) => {
      const look = gallery().look(index);
      const { rows, ...rest } = await look.rows(target.keys, from);
      const traces = rows.map((row) => ({
        store: indexStore(index),
        ids: ids(row.faceKey.slice(0, row.faceKey.lastIndexOf('-'))),
        erase: (signal: AbortSignal) => look.removeRow(row, signal),
        isLeft: () => look.hasRow(row),
      }));
      return { traces, ...rest };
    };
  },
});

/** Faces in the lists of the service, of each model, that no row of its index leads to. */
export const sweptFaceLists = (deps: PlaceDeps): Swept[] =>
  INDEXES.map((index, at) => sweptListsOf(deps, index, at === 0 ? 'face lists' : `face lists of ${index}`));

const sweptListsOf = ({ gallery }: PlaceDeps, index: string, name: string): Swept => ({
  name,
  stores: [LISTS],
  // Without a row of the index nobody matches it.
  leads: false,
  open: (target) => {
    const ids = idsByKey(target);
    return async (from, signal) => {
      const look = gallery().look(index);
      const { faces, ...rest } = await look.persisted(target.keys, from, signal);
      const traces = faces.map((face) => ({
        store: LISTS,
        ids: ids(face.jobKey),
        erase: (limit: AbortSignal) => look.removePersisted(face, limit),
        isLeft: (limit: AbortSignal) => look.isPersisted(face, limit),
      }));
      return { traces, ...rest };
    };
  },
});
