import { z } from 'zod';
import { byStatus } from './batches.ts';
import { cursor, limit, next, reason, time } from './common.ts';

export const pipelineStep = z
  .object({
    name: z.string(),
    title: z.string().describe('What people call it'),
    summary: z.string(),
    view: z
      .record(z.string(), z.string())
      .nullable()
      .describe(
        'Which fields of its output are shown, by path, and the words for each; null: all of them, as they are',
      ),
    needs: z.array(z.string()).describe('Steps whose output it needs'),
    position: z.int().nullable().describe('Place in the pipeline of new images; null where it is not in it'),
  })
  .meta({ id: 'PipelineStep' });

export const pipeline = z
  .object({
    definition: z.array(z.string()).describe('The steps of new images, in order'),
    steps: z.array(pipelineStep).describe('Every step this app has'),
    matchConfidence: z.number().describe('Confidence from which two faces are a possible match'),
    limitedAccess: z.boolean().describe('Whether the settings let faces be recognised'),
    maxImageBytes: z.int().describe('Largest file that is taken at all'),
    maxUploadBytes: z.int().describe('Largest file that one request can bring; a larger one comes in blocks'),
  })
  .meta({ id: 'Pipeline' });
export type Pipeline = z.infer<typeof pipeline>;

export const queue = z
  .object({
    name: z.string(),
    step: z.string().nullable().describe('Null for the queue of events'),
    messages: z.int().describe('About how many, those under way and those put back included'),
    ready: z.int().describe('Of these, could be taken now; counted up to 32'),
    taken: z
      .int()
      .nullable()
      .describe('Of these, being worked on or put back to be tried later; null where 32 or more are ready'),
    oldestReady: time.nullable().describe('When the oldest message that could be taken now was sent'),
    paused: z
      .object({ by: z.string(), at: time, reason: z.string() })
      .nullable()
      .describe('By whom its step is paused, since when and why: its messages wait'),
    poison: z.int().describe('About how many in its poison queue'),
  })
  .meta({ id: 'Queue' });
export type Queue = z.infer<typeof queue>;

export const pauseBody = z.strictObject({
  reason: z.string().max(200).default('').describe('Shown to whoever asks; it names no person'),
});

export const queues = z.object({ at: time, queues: z.array(queue) }).meta({ id: 'Queues' });
export type Queues = z.infer<typeof queues>;

/** Counts of one kind of failure. Its images: `routes.images` with `step`, `stepState` and `errorCode`. */
export const failures = z
  .object({
    failures: z.array(
      z.object({
        step: z.string(),
        state: z.enum(['failed', 'skipped']),
        code: z.string().nullable(),
        images: z.int(),
      }),
    ),
  })
  .meta({ id: 'Failures' });
export type Failures = z.infer<typeof failures>;

export const throughputQuery = z.strictObject({
  minutes: z.coerce.number().int().min(1).max(1440).default(60),
});
export const throughput = z
  .object({
    from: time,
    to: time,
    perMinute: z
      .array(z.object({ at: time, images: z.int() }))
      .describe('Oldest first; minutes without any are 0'),
  })
  .meta({ id: 'Throughput' });
export type Throughput = z.infer<typeof throughput>;

export const deadLetterSummary = z
  .object({
    id: z.string(),
    queue: z.string(),
    error: reason,
    imageId: z.string().nullable(),
    batchId: z.string().nullable(),
    times: z.int().describe('How often it was given up'),
    firstSeen: time,
    lastSeen: time,
  })
  .meta({ id: 'DeadLetterSummary' });
export type DeadLetterSummary = z.infer<typeof deadLetterSummary>;

export const deadLetter = z
  .object({
    ...deadLetterSummary.shape,
    message: z.string().describe('The whole message as it was received'),
  })
  .meta({ id: 'DeadLetter' });
export type DeadLetter = z.infer<typeof deadLetter>;

export const deadLetterQuery = z.strictObject({
  queue: z.string().min(1).max(63).optional(),
  after: cursor.optional(),
  limit: limit(200, 50),
});
export const deadLetterPage = z
  .object({ deadLetters: z.array(deadLetterSummary), next })
  .meta({ id: 'DeadLetterPage' });
export type DeadLetterPage = z.infer<typeof deadLetterPage>;

/**
 * What may change on a page, in one cheap answer. Its ETag changes exactly when one of these does: poll it every second
 * or two with `If-None-Match` (the browser's own cache does that on a plain fetch with `cache: 'no-cache'`).
 */
export const live = z
  .object({
    stamp: z.string().describe('Changes whenever a result or a decision is written: reload lists then'),
    images: z.int().describe('Images with a result'),
    byStatus,
    faces: z.int(),
    latest: time.nullable(),
    toReview: z.int().describe('Undecided possible matches; counted up to 1,000'),
    secondLooks: z
      .int()
      .describe('Candidates that wait for the second word of whoever asks, a reviewer; counted up to 1,000'),
    queues: z
      .array(z.object({ name: z.string(), messages: z.int() }))
      .describe('Depth of each queue, at most half a second old'),
    halts: z
      .array(
        z.object({
          kind: z.enum(['refused', 'notPrepared', 'notWritable', 'serviceFailing']),
          message: z.string(),
        }),
      )
      .describe('What keeps images from being worked on now, for people; empty where nothing does'),
    deadLetters: z
      .object({ count: z.int(), latest: time.nullable() })
      .describe('Messages given up, counted up to 1,000, and when the newest was; at most half a second old'),
  })
  .meta({ id: 'Live' });
export type Live = z.infer<typeof live>;
