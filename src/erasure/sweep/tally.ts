/** What was found in one store, and what of it is left. */
interface Found {
  found: number;
  left: number;
}

type Counts = Record<string, Found>;

/**
 * What a sweep has found of the images of one erasure, by store. The page that it is at is counted apart: looked at
 * again after a crash, it is the same page, of which what is gone already was found all the same.
 */
export interface Tally {
  done: Counts;
  /** The page it is at, or was at last. */
  at: string;
  page: Counts;
  /** Whether it found something by which other images could have come to mention the erased ones meanwhile. */
  leads: boolean;
}

export const emptyTally = (): Tally => ({ done: {}, at: '', page: {}, leads: false });

/** Notes what was found in a page, before any of it goes. */
export function noteTraces(tally: Tally, at: string, counts: Readonly<Record<string, number>>): void {
  if (tally.at !== at) {
    tally.done = foundIn(tally);
    tally.page = {};
    tally.at = at;
  }
  for (const [store, count] of Object.entries(counts)) {
    const before = tally.page[store]?.found ?? 0;
    tally.page[store] = { found: Math.max(before, count), left: count };
  }
}

/** Notes what is left in the page, once it was tried to erase it. */
export function noteLeft(tally: Tally, counts: Readonly<Record<string, number>>): void {
  for (const [store, found] of Object.entries(tally.page)) found.left = counts[store] ?? 0;
}

/** Everything together. */
export function foundIn({ done, page }: Tally): Counts {
  const all: Counts = {};
  for (const [store, { found, left }] of [...Object.entries(done), ...Object.entries(page)]) {
    const sum = all[store] ?? { found: 0, left: 0 };
    all[store] = { found: sum.found + found, left: sum.left + left };
  }
  return all;
}
