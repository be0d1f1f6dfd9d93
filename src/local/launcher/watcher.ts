import { setTimeout as delay } from 'node:timers/promises';
import { silentLog } from '../../domain/ports.ts';
import type { Reconciler } from '../../pipeline/rescue/reconcile.ts';
import { containers } from '../../storage/names.ts';
import { statusOf } from '../../storage/status.ts';

const LOOK_EVERY_MS = 1000;
/** Between two looks, times what the first one took. */
const PAUSE_TIMES = 3;
/** Events get lost on one machine too, when the host is killed between taking one and admitting its blob. */
const FORGET_EVERY = 180;
/** Looks in a row that fail before a person is told: a part that is started again is back sooner. */
const TELL_AFTER = 5;

interface WatchOptions {
  /** Tells the person at the terminal: once that new images are not seen, and once that they are again. */
  say(sentence: string): void;
  signal: AbortSignal;
  /** Milliseconds between two looks. */
  lookEveryMs?: number;
}

/** Plays Event Grid: announces each blob dropped into the input container, within about a second. */
export async function watch(reconciler: Reconciler, options: WatchOptions): Promise<void> {
  const { say, signal, lookEveryMs = LOOK_EVERY_MS } = options;
  let failures = 0;
  for (let look = 1; !signal.aborted; look += 1) {
    const began = Date.now();
    try {
      await reconciler.run(silentLog, signal);
      if (failures >= TELL_AFTER) say('New images are seen again.');
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      if (failures === TELL_AFTER) say(notSeen(error));
    }
    if (look % FORGET_EVERY === 0) reconciler.forget();
    // Of very many images a look takes a while: it is not to keep a processor to itself.
    const pauseMs = Math.max(lookEveryMs, PAUSE_TIMES * (Date.now() - began));
    await delay(pauseMs, undefined, { signal }).catch(() => {});
  }
}

/** The emulator puts names into XML as they are, and fails of one that XML cannot carry; Azure encodes such names. */
function notSeen(error: unknown): string {
  const trying = 'It is tried again every second; nothing is lost meanwhile.';
  if (statusOf(error) === 507) {
    return `New images wait: the disk that holds the data folder is full. Free some space on it. ${trying}`;
  }
  if (statusOf(error) !== 500) {
    return `New images are not seen: the container ${containers.input} cannot be listed (${reason(error)}). ${trying}`;
  }
  return `New images are not seen: the storage emulator answers HTTP 500 to every listing of the container ${containers.input}. A blob whose name has a character that XML cannot carry (such as U+FFFF) does that. Delete that blob by its name, with the tool that put it there; if nobody knows the name, stop, and look for it in azurite/__azurite_db_blob__.json of the data folder. ${trying}`;
}

function reason(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return String(code ?? name ?? 'unknown error');
}
