import { z } from 'zod';
import { time } from './common.ts';
import { imageFilter } from './images.ts';

const ids = z.array(z.string().min(1).max(200));

/** Names what it is about in exactly one way: `images`, `filter`, `letters`, or `queue` with `code`. */
export const bulkActBody = z
  .strictObject({
    kind: z.enum(['rerun', 'erase', 'export', 'replay', 'drop']),
    images: ids.min(1).max(5000).optional().describe('Job ids'),
    filter: imageFilter.optional().describe('All images that fit at this moment; none that come later'),
    without: ids.max(5000).optional().describe('With `filter`: images that are left out'),
    letters: z
      .array(z.strictObject({ queue: z.string().min(1).max(63), id: z.string().min(1).max(64) }))
      .min(1)
      .max(500)
      .optional()
      .describe('Messages that were given up'),
    queue: z.string().min(1).max(63).optional().describe('With `code`: all messages given up in it for that'),
    code: z.string().min(1).max(128).optional(),
    step: z.string().min(1).max(63).optional().describe('Of a rerun: this step alone, and what needs it'),
    biometric: z
      .boolean()
      .optional()
      .describe(
        'Of a rerun: whether steps that make biometric data may be added to a pipeline; without, such images are left alone',
      ),
    onlyFailed: z.boolean().default(false).describe('Of a rerun of a step: only where it has failed'),
  })
  .refine(
    ({ images, filter, letters, queue }) =>
      [images, filter, letters, queue].filter((one) => one !== undefined).length === 1,
    { message: 'must name one of images, filter, letters, and queue with code' },
  )
  .refine(({ queue, code }) => (queue === undefined) === (code === undefined), {
    message: '`queue` and `code` belong together',
  })
  .refine(({ filter, without }) => without === undefined || filter !== undefined, {
    message: '`without` belongs to `filter`',
  })
  .refine(({ kind, step, onlyFailed }) => kind === 'rerun' || (step === undefined && !onlyFailed), {
    message: '`step` and `onlyFailed` belong to a rerun',
  })
  .refine(({ step, onlyFailed }) => step !== undefined || !onlyFailed, {
    message: '`onlyFailed` belongs to `step`',
  });

export const bulkAct = z
  .object({
    id: z.string(),
    kind: z.enum(['rerun', 'erase', 'export', 'replay', 'drop']),
    state: z
      .enum(['draft', 'running', 'done', 'stopped'])
      .describe('draft: listed, nothing is done before it is started; stopped: ended before its end'),
    askedBy: z.string(),
    createdAt: time,
    endedAt: time.nullable(),
    items: z.int().describe('How many images or messages it is about: exactly those that were there'),
    position: z.int().describe('Of these, how many were looked at'),
    acted: z.int().describe('Of these, to how many something was done'),
    step: z.string().nullable(),
    receipt: z.string().nullable().describe('Of an erasure: the id of its receipt'),
    left: z
      .array(z.object({ code: z.string(), items: z.int(), message: z.string() }))
      .describe('Those that were left alone, by reason'),
  })
  .meta({ id: 'BulkAct' });
export type BulkAct = z.infer<typeof bulkAct>;

export const bulkDraft = z
  .object({
    act: bulkAct,
    found: z
      .record(z.string(), z.int())
      .nullable()
      .describe('Of an erasure: what there is of them, by place. Null where that was not counted'),
    batches: z
      .array(z.object({ batchId: z.string(), images: z.int() }))
      .nullable()
      .describe('Of an erasure: how many of each batch'),
  })
  .meta({ id: 'BulkDraft' });
export type BulkDraft = z.infer<typeof bulkDraft>;

export const bulkStartBody = z.strictObject({
  items: z.int().min(1).describe('How many: as the draft said, for a person has confirmed that many'),
});
export const bulkActList = z
  .object({ acts: z.array(bulkAct).describe('Newest first') })
  .meta({ id: 'BulkActs' });
export type BulkActList = z.infer<typeof bulkActList>;
