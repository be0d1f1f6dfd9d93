/**
 * Longest time of one storage call, all its tries together, in milliseconds. The SDKs have no limit of their own: what
 * they call a try's timeout is only told to the service, and a connection that falls silent is waited for for ever.
 */
const STORAGE_CALL_LIMIT_MS = 30_000;

/** The option that ends a call at its limit, or with the caller's signal. */
export function limited(signal?: AbortSignal): { abortSignal: AbortSignal } {
  const limit = AbortSignal.timeout(STORAGE_CALL_LIMIT_MS);
  return { abortSignal: signal ? AbortSignal.any([signal, limit]) : limit };
}
