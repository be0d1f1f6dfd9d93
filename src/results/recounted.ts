import type { NAMED } from './count-changes.ts';

/** A count that said something else than the images themselves, and by how much it was corrected. */
export interface Recounted {
  kind: 'batch' | 'step' | (typeof NAMED)[number];
  /** The batch or the tag; empty for all images together. */
  name: string;
  /** Of a batch; how a step ended; empty of others. */
  status: string;
  images: number;
  faces: number;
}
