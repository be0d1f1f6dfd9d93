import { setTimeout as delay } from 'node:timers/promises';
import type { Reconciler } from '../../pipeline/reconcile.ts';
import type { Log } from '../../ports.ts';

const LOOK_EVERY_MS = 1000;
/** Events get lost on one machine too, when the host is killed between taking one and admitting its blob. */
const FORGET_EVERY = 180;

/** Plays Event Grid: announces each blob dropped into the input container, within about a second. */
export async function watch(reconciler: Reconciler, log: Log, signal: AbortSignal): Promise<void> {
  for (let look = 1; !signal.aborted; look += 1) {
    try {
      await reconciler.run(log, signal);
    } catch (error) {
      if (signal.aborted) return;
      log.warn('watcher.look-failed', { error: error instanceof Error ? error.name : 'unknown' });
    }
    if (look % FORGET_EVERY === 0) reconciler.forget();
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
  }
}
