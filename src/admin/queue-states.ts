import type { Registry } from '../pipeline/definition/registry.ts';
import type { Pause, Pauses } from '../pipeline/delivery/pauses.ts';
import type { Journal } from '../pipeline/journal/journal.ts';
import type { StorageAccount } from '../storage/account.ts';
import { workQueues } from '../storage/names.ts';
import { Censuses } from './standing/census.ts';
import { lookAt } from './standing/journal-look.ts';

export interface QueueStanding {
  queue: string;
  /** About how many, those under way and those put back included. */
  messages: number;
  /** ISO 8601: when the oldest message that could be taken now was sent. */
  oldest_ready: string | null;
  /** Images whose step was put back after an error, to be tried again ... */
  delayed: number;
  /** ... the first of them at this time (ISO 8601). */
  next_try: string | null;
  /** In a large archive those are counted every hour: when that was, ISO 8601. Null where they are of this moment. */
  delayed_counted_at: string | null;
  /** About how many in its poison queue. */
  poison: number;
  paused: Omit<Pause, 'step'> | null;
}

interface QueueStandingsDeps {
  storage: StorageAccount;
  registry: Registry;
  journal: Journal;
  pauses: Pick<Pauses, 'list'>;
}

/** How every queue stands: the events first, then the steps in their order. */
export async function queueStandings({
  storage,
  registry,
  journal,
  pauses,
}: QueueStandingsDeps): Promise<QueueStanding[]> {
  const census = await new Censuses(storage).last();
  const delayed = (census ?? (await lookAt({ storage, registry, journal }, { blobs: false })))?.delayed;
  const paused = new Map((await pauses.list()).map(({ step, ...pause }) => [step, pause]));
  return Promise.all(
    workQueues(registry.names).map(async (queue) => {
      const { messages, oldestReady, poison } = await storage.queues.standing(queue);
      return {
        queue,
        messages,
        oldest_ready: oldestReady?.toISOString() ?? null,
        delayed: delayed?.get(queue)?.images ?? 0,
        next_try: delayed?.get(queue)?.next ?? null,
        delayed_counted_at: census?.countedAt ?? null,
        poison,
        paused: paused.get(queue) ?? null,
      };
    }),
  );
}
