import { setTimeout as delay } from 'node:timers/promises';

const PROBE_EVERY_MS = 150;

/**
 * Asks an HTTP address until it answers as it should.
 *
 * @param fits judges the answer; whatever HTTP server answers is enough when absent
 * @throws when `signal` ends it
 */
export async function answers(
  url: string,
  signal: AbortSignal,
  fits: (response: Response) => boolean = () => true,
): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(5000)]) }).catch(
      () => undefined,
    );
    await response?.body?.cancel();
    if (response && fits(response)) return;
    await delay(PROBE_EVERY_MS, undefined, { signal });
  }
}
