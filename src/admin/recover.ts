import type { Clock } from '../domain/ports.ts';
import { HOST_DELIVERIES } from '../domain/retry-policy.ts';
import type { StorageAccount } from '../storage/account.ts';
import { poisonQueue } from '../storage/names.ts';

interface RecoverOptions {
  /** Queues whose poison queues are looked at: steps, and the events queue. */
  queues: readonly string[];
  /** Milliseconds for which it waits for messages that the host has just hidden. */
  limitMs: number;
  pause(signal: AbortSignal): Promise<void>;
  onRecovered(queue: string, count: number): void;
}

/**
 * Puts back to work what the Functions host holds back: a message of a poison queue over which every process died. The
 * host still takes it each time it is visible, hands it to nobody, and so hides it for another ten minutes. Here each
 * that shows itself is sent anew, and counts as new.
 *
 * @returns how many; it ends when the poison queues are empty, at the limit, or at the signal
 */
export async function recoverHeld(
  { storage, clock }: { storage: StorageAccount; clock: Clock },
  { queues, limitMs, pause, onRecovered }: RecoverOptions,
  signal: AbortSignal,
): Promise<number> {
  const until = clock() + limitMs;
  let recovered = 0;
  for (;;) {
    let left = 0;
    for (const queue of queues.map(poisonQueue)) {
      const depth = await storage.queues.look(queue);
      left += depth?.messages ?? 0;
      if (!depth?.visible.some(({ dequeueCount }) => dequeueCount >= HOST_DELIVERIES)) continue;
      const count = await storage.queues.renew(queue);
      recovered += count;
      left -= count;
      if (count > 0) onRecovered(queue, count);
    }
    if (left <= 0 || clock() >= until || signal.aborted) return recovered;
    await pause(signal);
  }
}
