/** Runs `run` after `ms` milliseconds, once. @returns what calls it off */
export type After = (ms: number, run: () => void) => () => void;

export const realAfter: After = (ms, run) => {
  const handle = setTimeout(run, ms);
  return () => clearTimeout(handle);
};

/**
 * Waits `ms` milliseconds.
 *
 * @throws the signal's reason as soon as it is aborted
 */
export function sleep(after: After, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (signal.aborted) {
    reject(signal.reason);
    return promise;
  }
  const onAbort = () => {
    cancel();
    reject(signal.reason);
  };
  const cancel = after(ms, () => {
    signal.removeEventListener('abort', onAbort);
    resolve();
  });
  signal.addEventListener('abort', onAbort, { once: true });
  return promise;
}
