/** Two faces of which people have said whether they are of one person. */
export interface DecidedPair {
  /** 0 to 1, as the service gave it. */
  readonly confidence: number;
  readonly same: boolean;
  /**
   * Who the faces are of, as far as decisions say: pairs of one person stand or fall together, so that persons are
   * resampled and not pairs. Of a pair that is the same, both are one.
   */
  readonly persons: readonly [string, string];
  /** What the case data say of both alike, such as `sex: female`; never what a network guesses. */
  readonly groups?: readonly string[];
  /** Years between the two photographs, as far as both days are known. */
  readonly ageGap?: number;
}

/** How many pairs there are in a stratum, decided or not. */
export interface StratumSize {
  readonly from: number;
  /** May be an estimate, where a sample of the faces was searched. */
  readonly pairs: number;
}
