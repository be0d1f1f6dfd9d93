/** Confidences from `from` up to, not including, `to`; the last holds 1, too. */
export interface Stratum {
  readonly from: number;
  readonly to: number;
}

/**
 * Where strata begin. Below the first nobody looks: pairs there are so unlike that hardly one of a million is of one
 * person, and so many that no sample would hold it.
 */
const EDGES = [0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95];

/** The lowest confidence that is sampled. */
export const LOWEST = 0.2;

/**
 * The strata by which pairs are sampled and errors counted, ascending.
 *
 * @param threshold begins a stratum of its own, so that what is offered and what is not are never in one
 */
export function strataOf(threshold: number): Stratum[] {
  const edges = [...new Set([...EDGES, threshold])].sort((a, b) => a - b);
  return edges.map((from, at) => ({ from, to: edges[at + 1] ?? 1 }));
}

/** @returns -1 for what lies below all of them */
export function stratumIndex(strata: readonly Stratum[], confidence: number): number {
  return strata.findLastIndex(({ from }) => confidence >= from);
}
