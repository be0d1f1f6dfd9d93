import { z } from 'zod';
import { time } from './common.ts';

const name = z.string().min(1).max(2000);

export const erasureBody = z
  .strictObject({
    image: name.optional().describe('A picture: blob name (all its versions), address, or job id'),
    batch: name.optional().describe('Everything that is in this batch now'),
    face: name.optional().describe('The photograph that shows this face'),
    enquiry: name.optional().describe('An enquiry with its photographs, candidates and alerts'),
    with: z
      .array(name)
      .max(1000)
      .optional()
      .describe('With `face`: faces confirmed as the same person, whose photographs go as well'),
    dryRun: z.boolean().default(false).describe('Only says what there is'),
  })
  .refine(
    ({ image, batch, face, enquiry }) =>
      [image, batch, face, enquiry].filter((one) => one !== undefined).length === 1,
    { message: 'must name one of image, batch, face and enquiry' },
  )
  .refine(({ face, with: others }) => others === undefined || face !== undefined, {
    message: '`with` belongs to `face`',
  });

export const receipt = z
  .object({
    id: z.string(),
    kind: z.enum(['image', 'batch', 'face', 'enquiry', 'person', 'selection', 'retention', 'faceprints']),
    state: z
      .enum(['running', 'provisional', 'final'])
      .describe(
        'provisional: erased and counted once; final: counted again when nobody can be at work on it',
      ),
    askedBy: z.string(),
    askedAt: time,
    erasedAt: time.optional(),
    settlesAt: time.optional().describe('From when on it can become final'),
    sweep: z
      .string()
      .optional()
      .describe('The look through everything, shared with others of its time, that it waits for'),
    finalAt: time.optional(),
    images: z.int().describe('Of faceprints, how many faces; of persons, how many of them'),
    idsHash: z.string().describe('SHA-256 of the sorted ids of the jobs, or persons, a line each'),
    stores: z.array(
      z.object({
        store: z.string(),
        found: z.int(),
        deleted: z.int(),
        remaining: z.int().nullable().describe('Null where it could not be counted'),
        why: z.string().optional(),
      }),
    ),
    queues: z.array(
      z.object({
        queue: z.string(),
        confirmed: z.boolean().describe('Seen to hold no message of theirs'),
        messages: z.int(),
      }),
    ),
    beyond: z.array(z.object({ what: z.string(), until: z.string() })).describe('What no program can erase'),
  })
  .meta({ id: 'ErasureReceipt' });

export type ErasureReceipt = z.infer<typeof receipt>;

export const erasureAnswer = z
  .object({
    images: z.array(z.string()).nullable().describe('Of a dry run: the job ids of what would be erased'),
    found: z.record(z.string(), z.int()).nullable().describe('Of a dry run: what there is, by place'),
    confirmed: z
      .array(z.string())
      .nullable()
      .describe('Of a dry run by face: those confirmed as the same person'),
    receipt: receipt
      .nullable()
      .describe('Null of a dry run. Where there is nothing to erase the answer is 404'),
  })
  .meta({ id: 'ErasureAnswer' });

export const receiptList = z.object({ receipts: z.array(receipt) }).meta({ id: 'ErasureReceipts' });
export type ErasureReceipts = z.infer<typeof receiptList>;
