/** How far apart the clocks of one system may be, in milliseconds: what is farther off was set by a clock that was wrong. */
export const CLOCKS_DIFFER_MS = 3_600_000;

/**
 * Whether a time is still to come that was set at most `mostMs` ahead. One that is farther ahead is the word of a clock
 * that ran days or years fast and has been set right: nobody waits for it.
 *
 * @param at and `now`, milliseconds since the epoch
 */
export const isToCome = (at: number, now: number, mostMs: number): boolean =>
  at > now && at <= now + mostMs + CLOCKS_DIFFER_MS;
