import type { Clock } from '../../ports.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * One Ctrl-C can arrive twice: from the terminal, and passed on by npm. What comes so soon after the first, in
 * milliseconds, is that.
 */
const SAME_KEY_MS = 700;

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
