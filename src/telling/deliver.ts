import type { Log, Random } from '../domain/ports.ts';
import { tellingDelayMs } from '../domain/retry-policy.ts';
import type { Outbox } from '../results/outbox.ts';
import { toCloudEvent } from './cloud-event.ts';
import type { Receiver } from './receiver.ts';

interface TellingParts {
  readonly outbox: Outbox;
  readonly receiver: Receiver;
  /** Whether it is said of a batch that it may not be matched: its rows may not know yet. */
  isBarred(batchId: string): Promise<boolean>;
  readonly random: Random;
  readonly log: Log;
}

export interface Told {
  delivered: number;
  /** Put back, to be sent again. */
  failed: number;
  dead: number;
  withheld: number;
}

/** For so long nobody else sends an event that a process has taken: longer than a receiver may take to answer. */
const LEASE_MS = 60_000;

/** Events in one look at the outbox. */
const PAGE = 50;

/**
 * Sends what is due, one after the other, until nothing is left or the signal ends it. Whoever dies on the way leaves
 * an event that is sent again after its lease: a receiver may have it twice, under the same id.
 */
export async function deliver(parts: TellingParts, signal: AbortSignal): Promise<Told> {
  const told: Told = { delivered: 0, failed: 0, dead: 0, withheld: 0 };
  for (;;) {
    const due = await parts.outbox.due(PAGE);
    let isIdle = true;
    for (const id of due) {
      if (signal.aborted) return told;
      const end = await deliverOne(id, parts, signal);
      if (end === undefined) continue;
      isIdle = false;
      told[end] += 1;
    }
    // What others have taken, or what waits again, is not due for a while.
    if (isIdle || due.length < PAGE) return told;
  }
}

async function deliverOne(
  id: string,
  { outbox, receiver, isBarred, random, log }: TellingParts,
  signal: AbortSignal,
): Promise<keyof Told | undefined> {
  const claimed = await outbox.claim(id, LEASE_MS);
  if (!claimed) return undefined;
  const { event, sent, batches } = claimed;
  const barred = await Promise.all(batches.map(isBarred));
  const withhold = barred.includes(true) ? 'MatchingForbidden' : claimed.withhold;
  if (withhold !== undefined) {
    await outbox.withheld(id, sent, withhold);
    return 'withheld';
  }
  try {
    await receiver.send(toCloudEvent(event), signal);
  } catch (error) {
    // The process ends: the lease does, too, and somebody else goes on.
    if (signal.aborted) return undefined;
    const delayMs = tellingDelayMs(error, sent, random);
    await outbox.failed(id, sent, error, delayMs);
    const { code } = error as { code?: unknown };
    log.warn('telling.failed', { event: id, sent, code, dead: delayMs === undefined });
    return delayMs === undefined ? 'dead' : 'failed';
  }
  await outbox.delivered(id, sent);
  return 'delivered';
}
