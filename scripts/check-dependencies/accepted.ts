/** A known vulnerability that does not touch us, or for which there is no remedy yet: never without an end. */
export interface Accepted {
  /** The advisory, as in its address: `GHSA-...`. */
  readonly advisory: string;
  /** Why it may stand. */
  readonly reason: string;
  /** ISO 8601 date from which it counts again. */
  readonly until: string;
}

export const accepted: readonly Accepted[] = [];
