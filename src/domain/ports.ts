/** What code takes from the outside world instead of reaching for it: time, identity, chance, a place to log. */

/** Milliseconds since the epoch. */
export type Clock = () => number;

/** A number in [0, 1). */
export type Random = () => number;

/**
 * Structured log of ids, codes and figures. `fields` must never carry personal data: no text, tags, names of people,
 * rectangles or image URLs.
 */
export interface Log {
  info(event: string, fields?: Record<string, unknown>): void;
  warn(event: string, fields?: Record<string, unknown>): void;
  error(event: string, fields?: Record<string, unknown>): void;
}

export const silentLog: Log = { info() {}, warn() {}, error() {} };
