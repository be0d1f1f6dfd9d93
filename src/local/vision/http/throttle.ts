import type { Clock } from '../../../domain/ports.ts';

/** Counts calls of one service against its calls per second. */
export interface Throttle {
  /** @returns undefined when the call may run, otherwise whole seconds to wait, at least 1 */
  refusal(): number | undefined;
}

/** A window of one second that slides: no span of a second ever holds more than `callsPerSecond` admitted calls. */
export function createThrottle(callsPerSecond: number | undefined, clock: Clock): Throttle {
  if (callsPerSecond === undefined) return { refusal: () => undefined };
  const admitted: number[] = [];
  return {
    refusal() {
      const now = clock();
      while (admitted.length > 0 && (admitted[0] ?? now) <= now - 1000) admitted.shift();
      if (admitted.length < callsPerSecond) {
        admitted.push(now);
        return undefined;
      }
      return Math.max(1, Math.ceil(((admitted[0] ?? now) + 1000 - now) / 1000));
    },
  };
}
