import type { PlaceDeps } from '../place.ts';
import { INDEX, LISTS } from '../places/faces.ts';
import type { Swept } from '../sweep/swept.ts';
import { idsByKey } from './ids-by-key.ts';

/** Rows of the face index, whatever leads to them. */
export const sweptFaceIndex = ({ gallery }: PlaceDeps): Swept => ({
  name: 'faceindex',
  stores: [INDEX],
  leads: true,
  open: (target) => {
    const ids = idsByKey(target);
    return async (from) => {
      const { look } = gallery();
      const { rows, ...rest } = await look.rows(target.keys, from);
      const traces = rows.map((row) => ({
        store: INDEX,
        ids: ids(row.faceKey.slice(0, row.faceKey.lastIndexOf('-'))),
        erase: (signal: AbortSignal) => look.removeRow(row, signal),
        isLeft: () => look.hasRow(row),
      }));
      return { traces, ...rest };
    };
  },
});

/** Faces in the lists of the service that no row of the index leads to. */
export const sweptFaceLists = ({ gallery }: PlaceDeps): Swept => ({
  name: 'face lists',
  stores: [LISTS],
  // Without a row of the index nobody matches it.
  leads: false,
  open: (target) => {
    const ids = idsByKey(target);
    return async (from, signal) => {
      const { look } = gallery();
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
