import { useState } from 'react';

/** Where a cell stands now; one that has gone leaves its place to whichever stands there, the last one at most. */
export function placeOf({ id, index }: { id: string | undefined; index: number }, ids: readonly string[]) {
  const at = id === undefined ? -1 : ids.indexOf(id);
  return at < 0 ? Math.max(0, Math.min(index, ids.length - 1)) : at;
}

/**
 * The cell of a grid where the keys are. It stays the same one while others come and go before it, as the focus does: a
 * key must not act on whichever has taken its place.
 *
 * @param ids of the cells, in their order
 * @param first its index to begin with
 */
export function useCurrent(ids: readonly string[], first = 0) {
  const [at, setAt] = useState(() => ({ id: ids[first], index: first }));
  return {
    current: placeOf(at, ids),
    setCurrent: (index: number) => setAt({ id: ids[index], index }),
  };
}
