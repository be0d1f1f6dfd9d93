/**
 * How long things in flight may take. A claim is refused two minutes after its face began to be added; whoever finds a
 * claim without an id row may complete it for five minutes; the sweep touches nothing younger than fifteen. So a face
 * that is being enrolled is never swept, whichever process stands still for how long in between.
 */
export const CLAIM_LIMIT_MS = 2 * 60_000;
export const COMPLETE_LIMIT_MS = 5 * 60_000;
export const SWEEP_AGE_MS = 15 * 60_000;

/** FaceLists of an account, 1,000 faces each (identity-quotas-limits). */
export const FRESH_LISTS = 64;

/** LargeFaceLists this app would open, 1,000,000 faces each; the account could hold more. */
export const LARGE_LISTS = 100;
