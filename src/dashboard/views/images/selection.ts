/** Which images are chosen: some, by id, or all that fit the filters but for some. */
export type Selection =
  | { kind: 'some'; ids: ReadonlySet<string> }
  /** @param query filters as the API takes them: the choice is void where they change */
  | { kind: 'all'; query: string; without: ReadonlySet<string> };

export const NONE: Selection = { kind: 'some', ids: new Set() };

export const isSelected = (selection: Selection, id: string): boolean =>
  selection.kind === 'some' ? selection.ids.has(id) : !selection.without.has(id);

export const isEmpty = (selection: Selection): boolean =>
  selection.kind === 'some' && selection.ids.size === 0;

const withChange = (set: ReadonlySet<string>, ids: readonly string[], add: boolean): ReadonlySet<string> => {
  const changed = new Set(set);
  for (const id of ids) {
    if (add) changed.add(id);
    else changed.delete(id);
  }
  return changed;
};

/** Chooses these, or takes them out. */
export function choose(selection: Selection, ids: readonly string[], chosen: boolean): Selection {
  return selection.kind === 'some'
    ? { kind: 'some', ids: withChange(selection.ids, ids, chosen) }
    : { ...selection, without: withChange(selection.without, ids, !chosen) };
}

export const toggle = (selection: Selection, id: string): Selection =>
  choose(selection, [id], !isSelected(selection, id));

/** From one place of the list to another, both included, as `from` is: chosen, or not. */
export function extend(
  selection: Selection,
  ids: readonly string[],
  from: number,
  to: number,
  chosen: boolean,
): Selection {
  return choose(selection, ids.slice(Math.min(from, to), Math.max(from, to) + 1), chosen);
}

/** What is still chosen after something was done to `done`: what was chosen since. */
export function restOf(selection: Selection, done: Selection): Selection {
  if (selection === done) return NONE;
  return selection.kind === 'some' && done.kind === 'some'
    ? choose(selection, [...done.ids], false)
    : selection;
}

/** @param total how many fit the filters */
export const countOf = (selection: Selection, total: number): number =>
  selection.kind === 'some' ? selection.ids.size : Math.max(0, total - selection.without.size);
