/** What a draw found out about one stratum. */
export interface DrawnStratum {
  readonly from: number;
  /** Searches that reached down to it: of a face with many neighbours only the nearest are given. */
  readonly searches: number;
  /** Different pairs that these searches found in it. */
  readonly found: number;
}

/** How pairs were drawn for reviewers. */
export interface Draw {
  readonly id: string;
  readonly at: string;
  readonly by: string;
  readonly model: string;
  readonly threshold: number;
  /** Faces there were, and how many of them were searched, drawn at random. */
  readonly faces: number;
  readonly searched: number;
  readonly seed: number;
  readonly strata: readonly DrawnStratum[];
}

/** A pair of faces with what the service says of them; the lower key first. */
export interface ScoredPair {
  readonly faces: readonly [string, string];
  readonly images: readonly [string, string];
  readonly score: number;
}

export interface DrawnPair extends ScoredPair {
  /** Random: the order in which reviewers meet them. */
  readonly position: number;
}
