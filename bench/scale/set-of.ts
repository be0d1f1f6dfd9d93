import type { SetIds } from '../api/set-rows.ts';

/** A set by the ids of its jobs, of which the second half may not be matched: a pair's other image is one of the first. */
export function setOf(ids: readonly string[]): SetIds {
  const order = Uint32Array.from(ids.keys()).sort((one, other) =>
    (ids[one] ?? '') < (ids[other] ?? '') ? -1 : 1,
  );
  const middle = ids[order[Math.floor(ids.length / 2)] ?? 0] ?? '';
  return { idOf: (n) => ids[n] ?? '', order, mayNotBeMatched: (id) => id > middle };
}
