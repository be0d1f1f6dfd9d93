import { useState } from 'react';
import type { ImageSummary } from '../../../api/contract.ts';
import type { BulkItems } from '../../live/bulk.ts';
import { toBody } from './filters.ts';
import { countOf, extend, isEmpty, isSelected, NONE, restOf, type Selection, toggle } from './selection.ts';

export interface Selecting {
  selection: Selection;
  /** Whether a click chooses instead of opening. */
  on: boolean;
  count: number;
  has(id: string): boolean;
  toggle(index: number): void;
  /** As the place that was touched last. */
  extendTo(index: number): void;
  all(): void;
  /** @param done what is no longer chosen, all of it where absent: what was chosen since stays */
  clear(done?: Selection): void;
  begin(): void;
  /** As acts take it. */
  items(): BulkItems;
}

/** @param total how many fit the filters, as far as it is known */
export function useSelection(images: readonly ImageSummary[], query: string, total: number): Selecting {
  const [state, setState] = useState<{
    query: string;
    selection: Selection;
    on: boolean;
    anchor?: string | undefined;
  }>({
    query,
    selection: NONE,
    on: false,
  });
  // Other filters are another list: what was chosen of the one before must not be acted on unseen.
  const current = state.query === query ? state : { query, selection: NONE, on: false };
  const { selection } = current;
  const ids = images.map(({ id }) => id);
  const set = (next: Selection, more: { anchor?: string | undefined; on?: boolean } = {}) =>
    setState({ ...current, selection: next, on: !isEmpty(next), ...more });
  return {
    selection,
    on: current.on || !isEmpty(selection),
    count: countOf(selection, total),
    has: (id) => isSelected(selection, id),
    toggle: (index) => {
      const id = ids[index];
      if (id !== undefined) set(toggle(selection, id), { anchor: id, on: true });
    },
    extendTo: (index) => {
      // From the photograph that was touched last, wherever it stands now; where it has gone, nothing lies between.
      const at = current.anchor === undefined ? 0 : ids.indexOf(current.anchor);
      const from = at < 0 ? index : at;
      const id = ids[from];
      const chosen = id === undefined || isEmpty(selection) || isSelected(selection, id);
      set(extend(selection, ids, from, index, chosen));
    },
    all: () => set({ kind: 'all', query, without: new Set() }),
    clear: (done) =>
      setState((now) => {
        if (done === undefined) return { query, selection: NONE, on: false };
        const selection = restOf(now.selection, done);
        return { ...now, selection, on: now.on && !isEmpty(selection) };
      }),
    begin: () => setState({ ...current, on: true }),
    items: () =>
      selection.kind === 'some'
        ? { images: [...selection.ids] }
        : { filter: toBody(query), without: [...selection.without] },
  };
}
