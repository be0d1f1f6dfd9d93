import type { App } from '../app.ts';
import type { Pause } from '../pipeline/delivery/pauses.ts';
import { EVENTS_QUEUE, poisonQueue, workQueues } from '../storage/names.ts';

/**
 * For how long a look at the queues is good: whatever the number of pages open, they cost one look in that time. With
 * the time between two looks of a page (`EVERY_MS` there) it makes less than the two seconds in which progress is seen.
 */
export const FRESH_MS = 450;

interface Depth {
  name: string;
  /** Absent for the queue of events. */
  step?: string;
  messages: number;
  /** Could be taken now; counted up to `MOST_PEEKED`. */
  ready: number;
  oldestReady?: string;
}

/** How much waits in each queue, and how much was given up, looked at no more often than `FRESH_MS` says per process. */
export class QueueDepths {
  readonly #app: App;
  readonly #kept = new Map<string, { at: number; value: Promise<unknown> }>();

  constructor(app: App) {
    this.#app = app;
  }

  /** The queue of events, then one for each step of today's pipeline, then those of the app's other steps. */
  queues(): Promise<Depth[]> {
    const { pipeline, registry, storage } = this.#app;
    return this.#recent('queues', () => {
      const steps = [...pipeline, ...registry.names.filter((name) => !pipeline.includes(name))];
      return Promise.all(
        [undefined, ...steps].map(async (step): Promise<Depth> => {
          const name = step ?? EVENTS_QUEUE;
          const seen = await storage.queues.look(name);
          const oldest = seen?.oldestReady?.toISOString();
          return {
            name,
            ...(step !== undefined && { step }),
            messages: seen?.messages ?? 0,
            ready: seen?.visible.length ?? 0,
            ...(oldest !== undefined && { oldestReady: oldest }),
          };
        }),
      );
    });
  }

  /** Messages in the poison queue of each queue. */
  poison(): Promise<Map<string, number>> {
    return this.#recent('poison', async () => {
      const names = workQueues(this.#app.registry.names);
      return new Map(
        await Promise.all(
          names.map(
            async (name) =>
              [name, (await this.#app.storage.queues.look(poisonQueue(name)))?.messages ?? 0] as const,
          ),
        ),
      );
    });
  }

  /** How many messages were given up, and when the newest was. */
  deadLetters(): Promise<{ count: number; latest: string | undefined }> {
    return this.#recent('dead letters', () => this.#app.deadLetters.pulse());
  }

  /** The steps that are paused, by name. */
  pauses(): Promise<Map<string, Pause>> {
    return this.#recent(
      'pauses',
      async () => new Map((await this.#app.pauses.list()).map((pause) => [pause.step, pause])),
    );
  }

  /** After somebody has paused a step or let it go on: whoever looks next is to see it. */
  forgetPauses(): void {
    this.#kept.delete('pauses');
  }

  #recent<T>(key: string, look: () => Promise<T>): Promise<T> {
    const now = this.#app.clock();
    const kept = this.#kept.get(key);
    if (kept && Math.abs(now - kept.at) < FRESH_MS) return kept.value as Promise<T>;
    const value = look();
    this.#kept.set(key, { at: now, value });
    // A failure is nobody's answer but the caller's.
    value.catch(() => this.#kept.delete(key));
    return value;
  }
}
