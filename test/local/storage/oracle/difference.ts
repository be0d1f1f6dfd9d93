import type { Pair } from './pair.ts';

/** One way in which our service may answer differently. */
export interface Difference {
  readonly name: string;
  /** Why ours is right, or why it does not matter. */
  readonly reason: string;
  /** Takes out of both answers what may differ; gives the pair back as it is where this difference has no say. */
  readonly allow: (pair: Pair) => Pair;
  /** The two services have different contents from here on: the sequence ends. */
  readonly parts?: (pair: Pair) => boolean;
}
