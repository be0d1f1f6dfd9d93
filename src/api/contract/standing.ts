/** Where images and messages stand, as `imaginem why`, `status`, `stats` and `queues` say it. */
import { z } from 'zod';
import { reason, time } from './common.ts';

const counts = z.record(z.string(), z.int());
const pause = z.object({ by: z.string(), at: time, reason: z.string() });

export const batchOnly = z.strictObject({
  batch: z.string().min(1).max(512).optional().describe('Only this batch'),
});

export const why = z
  .object({
    state: z
      .enum(['finished', 'retrying', 'queued', 'lost', 'waiting', 'unknown'])
      .describe(
        'lost: under way, but no queue holds a message; waiting: not yet admitted; unknown: nothing is there',
      ),
    imageId: z.string().nullable(),
    batchId: z.string().nullable(),
    step: z.string().nullable().describe('The one that is next; null where it is finished'),
    attempt: z.int().nullable().describe('The attempt that comes next, 1 or more'),
    nextAt: time.nullable().describe('When its message is visible next'),
    error: z
      .object({ ...reason.shape, step: z.string().nullable(), advice: z.string() })
      .nullable()
      .describe('The last error, or the one it failed of'),
    paused: z.object({ step: z.string(), ...pause.shape }).nullable(),
    queue: z
      .object({ name: z.string(), messages: z.int(), poison: z.int(), hasMessage: z.boolean() })
      .nullable()
      .describe('The queue it stands in, and whether its message is among the first visible ones'),
    deadLetters: z.array(z.object({ id: z.string(), queue: z.string(), error: reason })),
    warnings: z.array(reason).describe('What was done, but not wholly'),
    notAsked: z
      .array(z.string())
      .describe('Steps that would have looked for something, and that its pipeline does not have'),
    similar: z.array(z.string()).describe('Names that begin alike, where nothing was found'),
    advice: z.array(z.string()).describe('What to do, in sentences'),
  })
  .meta({ id: 'Why' });

export const status = z
  .object({
    batches: z.array(
      z.object({
        batch: z.string(),
        waiting: z.int().describe('In the container, not yet admitted'),
        folderMarkers: z.int().describe('Blobs of no bytes that stand for a folder'),
        systemFiles: z.int().describe('What systems keep beside photographs: passed over'),
        running: counts.describe('Under way, by the step that is next'),
        retrying: counts.describe('Put back after an error, by step and code; in `running` as well'),
        finished: counts.describe('By status'),
        failures: counts.describe('By step and code'),
        dead: counts.describe('Messages that were given up, by queue and code'),
        countedAt: time
          .nullable()
          .describe(
            'In a large archive what waits, is under way and was passed over is counted every hour: when that was. Null where it is of this moment',
          ),
      }),
    ),
  })
  .meta({ id: 'Status' });

const latency = z
  .object({ count: z.int(), median: z.number(), p95: z.number(), longest: z.number() })
  .nullable()
  .describe('Milliseconds, to within 5 %');

export const stats = z
  .object({
    images: z.object({
      finished: z.int().describe('Those that have a row'),
      underWay: z
        .int()
        .nullable()
        .describe('About how many have not yet: messages of all steps; null of one batch'),
      announced: z.int().nullable().describe('About how many are not looked at yet; null of one batch'),
    }),
    throughput: z.object({
      perMinute: z.number().nullable().describe('Images finished, from the first result to the last'),
      lastHour: z.int(),
      first: time.nullable(),
      last: time.nullable(),
    }),
    imageLatency: latency.describe(
      'From admission to the row, in milliseconds to within 5 %, reruns left out',
    ),
    steps: z.array(
      z.object({
        step: z.string(),
        service: z.string().nullable(),
        outcomes: counts,
        calls: z.int(),
        retries: z.int(),
        latency,
      }),
    ),
    services: z.array(z.object({ service: z.string(), calls: z.int(), retries: z.int() })),
  })
  .meta({ id: 'Stats' });

export const queueStandings = z
  .object({
    queues: z.array(
      z.object({
        queue: z.string(),
        messages: z.int().describe('About how many, those under way and those put back included'),
        oldestReady: time.nullable(),
        delayed: z.int().describe('Images whose step was put back after an error'),
        nextTry: time.nullable().describe('When the first of them is tried again'),
        delayedCountedAt: time
          .nullable()
          .describe('When both were counted, where that is not this moment: every hour in a large archive'),
        poison: z.int(),
        paused: pause.nullable(),
      }),
    ),
  })
  .meta({ id: 'QueueStandings' });

export const recoverBody = z.strictObject({
  queue: z.string().max(63).optional().describe('Only of this step, or of the queue of events'),
});
export const recovered = z
  .object({ recovered: z.int(), queues: counts.describe('How many, by queue') })
  .meta({ id: 'Recovered' });
