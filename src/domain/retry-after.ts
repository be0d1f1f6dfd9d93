/** What a 429 without a usable `Retry-After` is taken to ask for. */
export const DEFAULT_RETRY_AFTER_MS = 1000;

/** Longest delay taken from a service's word: beyond it we ask again rather than stand still on a wrong header. */
export const MAX_RETRY_AFTER_MS = 3_600_000;

/**
 * Reads the header `Retry-After` (RFC 9110, 10.2.3): whole seconds or an HTTP date.
 *
 * @param now milliseconds since the epoch, for dates
 * @returns milliseconds, 0 to one hour; undefined where the header is absent or neither form
 */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d{1,12}$/.test(text)) return Math.min(Number(text) * 1000, MAX_RETRY_AFTER_MS);
  if (!/^[A-Za-z]{3}/.test(text)) return undefined;
  const date = Date.parse(text);
  if (Number.isNaN(date)) return undefined;
  return Math.min(Math.max(date - now, 0), MAX_RETRY_AFTER_MS);
}
