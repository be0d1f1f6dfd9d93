import { z } from 'zod';
import { BLOCK_BYTES, HEAD_BYTES, MAX_BLOCKS } from './blocks.ts';
import { cursor, limit, next, time } from './common.ts';
import { status } from './status.ts';

export const byStatus = z.partialRecord(status, z.int());

const batch = z
  .object({
    batchId: z.string(),
    images: z.int().describe('Images with a result'),
    byStatus,
    faces: z.int(),
    latest: time.nullable().describe('When the latest result was written'),
  })
  .meta({ id: 'Batch' });

export const batchQuery = z.strictObject({
  prefix: z.string().min(1).max(512).optional(),
  after: cursor.optional(),
  limit: limit(500, 100),
});
/** On what terms the photographs of a batch may be processed. */
const batchConsent = z
  .object({
    purpose: z.string().nullable(),
    legalBasis: z.string().nullable(),
    expires: time.nullable().describe('From then on they are to be erased'),
    doNotMatch: z.boolean().describe('Whether their faces are neither enrolled nor offered'),
    keepFaceprints: z.boolean().describe('Whether FACEPRINT_RETENTION_DAYS leaves their faces alone'),
    changedBy: z.string(),
    changedAt: time,
    pending: z.boolean().describe('Whether images that were there before are still to be brought in line'),
  })
  .meta({ id: 'BatchConsent' });
export type BatchConsent = z.infer<typeof batchConsent>;

const words = z
  .string()
  .max(200)
  .nullable()
  .describe('At most 200 characters, that name no person; null takes it back');
const listedBatch = z
  .object({
    ...batch.shape,
    settings: batchConsent.nullable().describe('Its terms; null where nothing was said of it'),
  })
  .meta({ id: 'ListedBatch' });
export type ListedBatch = z.infer<typeof listedBatch>;
export const batchPage = z
  .object({ batches: z.array(listedBatch).describe('By name'), next })
  .meta({ id: 'BatchPage' });
export type BatchPage = z.infer<typeof batchPage>;

/** What is absent stays as it is. */
export const batchConsentBody = z
  .strictObject({
    purpose: words.optional(),
    legalBasis: words.optional(),
    expires: z
      .union([z.iso.datetime(), z.iso.date()])
      .transform((given) => new Date(given).toISOString())
      .nullable()
      .optional(),
    doNotMatch: z.boolean().optional(),
    keepFaceprints: z.boolean().optional(),
    eraseNow: z
      .boolean()
      .optional()
      .describe(
        'Says yes to a date of expiry that has passed, which erases the batch the next night: 422 without',
      ),
  })
  .refine((body) => Object.keys(body).some((key) => key !== 'eraseNow'), 'must say something');

export const batchChanged = z
  .object({
    ...batchConsent.shape,
    images: z.int().describe('Images in the batch; of one that has none it holds for those to come'),
  })
  .meta({ id: 'BatchChanged' });

/** One batch and how far it is. */
export const batchProgress = z
  .object({
    ...batch.shape,
    accepted: z.int().describe('Jobs in the journal'),
    acceptedIsMinimum: z.boolean().describe('Whether counting stopped early: there are more'),
    underWay: z.int().describe('Accepted, without a result yet'),
    settings: batchConsent.nullable().describe('Null where nothing was said of it'),
  })
  .meta({ id: 'BatchProgress' });
export type BatchProgress = z.infer<typeof batchProgress>;

export const tagQuery = z.strictObject({
  kind: z.enum(['tag', 'category']).default('tag'),
  prefix: z.string().min(1).max(240).optional(),
  limit: limit(200, 40),
});
export const tagList = z
  .object({
    tags: z.array(z.object({ name: z.string(), images: z.int() })).describe('The most frequent first'),
  })
  .meta({ id: 'TagList' });

const uploadedFile = z
  .object({
    name: z.string().describe('As the client sent it'),
    accepted: z.boolean(),
    blobName: z.string().nullable(),
    id: z.string().nullable().describe('Job id: the image is at routes.image(id) within a second or so'),
    problem: z.object({ code: z.string(), detail: z.string() }).nullable().describe('Why it was not taken'),
  })
  .meta({ id: 'UploadedFile' });
export type UploadedFile = z.infer<typeof uploadedFile>;

export const uploadQuery = z.strictObject({
  batch: z.string().min(1).max(400).describe('Name of the batch; slashes make folders').default('default'),
});
export const uploadAnswer = z
  .object({ batchId: z.string(), files: z.array(uploadedFile) })
  .meta({ id: 'UploadAnswer' });
export type UploadAnswer = z.infer<typeof uploadAnswer>;

const format = z.enum(['jpeg', 'png', 'gif', 'bmp', 'webp', 'tiff']).describe('As the plan says');
const number = z.int().min(1).max(1000).describe('As the plan says: the how manieth file of this name it is');
const largeFile = {
  name: z.string().max(2000),
  bytes: z.int().min(0),
  blocks: z
    .array(z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in hexadecimal, lower case'))
    .max(MAX_BLOCKS)
    .describe(`SHA-256 of each block, in order: ${BLOCK_BYTES} bytes each, the last has what is left`),
};

export const uploadPlanBody = z.strictObject({
  ...largeFile,
  head: z
    .base64()
    .max(4 * Math.ceil(HEAD_BYTES / 3))
    .describe(`The first ${HEAD_BYTES} bytes of the file, base64`),
});
export const uploadPlan = z
  .object({
    batchId: z.string(),
    file: uploadedFile.nullable().describe('What became of it, where nothing has to be sent'),
    send: z
      .object({ number: z.int(), format, blockBytes: z.int() })
      .nullable()
      .describe('What its blocks and the commit have to say'),
  })
  .meta({ id: 'UploadPlan' });
export type UploadPlan = z.infer<typeof uploadPlan>;

export const uploadBlockQuery = z.strictObject({
  ...uploadQuery.shape,
  number: z.coerce.number().pipe(number),
  format,
});
export const uploadCommitBody = z.strictObject({ ...largeFile, number, format });
