import type { Clock } from '../../domain/ports.ts';
import { lives } from './lives.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * One Ctrl-C can arrive twice: from the terminal, and passed on by npm. What comes so soon after the first, in
 * milliseconds, is that.
 */
const SAME_KEY_MS = 700;

const PARENT_EVERY_MS = 1000;

/**
 * Turns the first signal to stop into `stop`, and one that a person sends after it into `kill`.
 *
 * @returns takes the handlers away
 */
export function onStopSignals(stop: () => void, kill: () => void, clock: Clock): () => void {
  let first: number | undefined;
  const handle = () => {
    if (first === undefined) {
      first = clock();
      stop();
    } else if (clock() - first > SAME_KEY_MS) kill();
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  return () => {
    for (const signal of SIGNALS) process.off(signal, handle);
  };
}

/**
 * npm runs a script in a shell, which a SIGTERM to npm ends without passing it on. A launcher that npm started takes
 * the end of that shell as the request to stop.
 *
 * @param parent on Windows a process keeps the id of its parent when that ends: whether it lives must be looked up
 * @returns ends the watch
 */
export function onParentGone(
  env: Readonly<Record<string, string | undefined>>,
  stop: () => void,
  parent = process.ppid,
): () => void {
  if (env.npm_lifecycle_event === undefined) return () => {};
  const timer = setInterval(() => {
    if (process.ppid === parent && lives(parent)) return;
    clearInterval(timer);
    stop();
  }, PARENT_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}
