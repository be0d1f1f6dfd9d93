import { z } from 'zod';
import { cursor, limit, next, reason, rectangle, several, time } from './common.ts';
import { match } from './faces.ts';
import { deadLetterSummary } from './pipeline.ts';
import { status } from './status.ts';

const warnings = z
  .array(reason)
  .describe('What was done, but not wholly: a damaged file, pages that were not read; most images have none');

const tag = z.object({ name: z.string(), confidence: z.number().describe('0 to 1') });

/** What a grid shows of an image: no outputs, so that a page is quick. */
export const imageSummary = z
  .object({
    id: z.string(),
    batchId: z.string(),
    name: z.string().describe('File name, without the folder'),
    status,
    reason: reason.nullable().describe('Why, for rejected, superseded and gone'),
    caption: z.string().nullable(),
    tags: z.array(tag).describe('At most 12, the surest first'),
    warningCodes: z.array(z.string()).describe('Codes of its warnings; the sentences are in the detail'),
    faceCount: z.int(),
    focus: z
      .object({ x: z.number(), y: z.number() })
      .nullable()
      .describe('The middle of its faces, as shares of its width and height: what a crop keeps in view'),
    facesLookedFor: z
      .boolean()
      .describe('Whether faces were looked for: only then does a count of 0 say that none was found'),
    matchCount: z.int().describe('Possible matches nobody has rejected'),
    width: z.int().nullable(),
    height: z.int().nullable(),
    finishedAt: time,
  })
  .meta({ id: 'ImageSummary' });
export type ImageSummary = z.infer<typeof imageSummary>;

/** All conditions must hold. */
export const imageFilter = z.strictObject({
  batch: z.string().min(1).max(512).optional(),
  status: status.optional(),
  rejectedFor: z.string().min(1).max(128).optional().describe('Code of the reason why it was not taken'),
  step: z.string().min(1).max(63).optional().describe('A step that failed, or was skipped: see stepState'),
  stepState: z.enum(['failed', 'skipped']).default('failed').describe('With `step` only'),
  errorCode: z.string().min(1).max(128).optional().describe('With `step` only: the code it failed with'),
  tag: several(z.string().min(1).max(240), 10).describe('Whole names, any case; all of them'),
  category: several(z.string().min(1).max(240), 10).describe('As tag, e.g. people_group'),
  text: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe(
      'Words in file name, batch, caption, tags and recognised text; all of them; a trailing * makes a prefix. Accents and variants of letters do not matter; what is spelled as asked comes first',
    ),
  warning: z.string().min(1).max(128).optional().describe('The code of a warning, e.g. ImageDamaged'),
  purpose: z.string().min(1).max(200).optional().describe('The whole purpose, as it was said of the batch'),
  doNotMatch: z
    .enum(['true', 'false'])
    .transform((given) => given === 'true')
    .optional()
    .describe('Whether they may not be matched'),
  minFaces: z.coerce.number().int().min(0).max(1000).optional(),
  maxFaces: z.coerce
    .number()
    .int()
    .min(0)
    .max(1000)
    .optional()
    .describe('Images without a face only where faces were looked for'),
  from: time.optional().describe('Finished at or after'),
  to: time.optional().describe('Finished before'),
});
export type ImageFilterView = z.output<typeof imageFilter>;

export const imageQuery = z.strictObject({
  ...imageFilter.shape,
  after: cursor.optional(),
  limit: limit(200, 60),
});

export const facetQuery = z.strictObject({ ...imageFilter.shape, limit: limit(100, 40) });
const counted = z.array(z.object({ name: z.string(), images: z.int() })).describe('The most frequent first');
export const imageFacets = z
  .object({
    images: z.int().describe('How many fit; counted up to 10,000'),
    imagesIsMinimum: z.boolean().describe('Whether counting stopped early: there are more'),
    sampled: z
      .int()
      .describe(
        'Of how many, the newest that fit, tags and categories are counted; all where it is `images`',
      ),
    tags: counted,
    categories: counted,
  })
  .meta({ id: 'ImageFacets' });
export type ImageFacets = z.infer<typeof imageFacets>;

export const imagePage = z
  .object({
    images: z
      .array(imageSummary)
      .describe(
        'Newest first; of a search for words first what is spelled as asked. Where conditions rarely meet, a page holds fewer than asked for, or none: go on by `next`',
      ),
    next,
  })
  .meta({ id: 'ImagePage' });
export type ImagePage = z.infer<typeof imagePage>;

const stepState = z.enum(['done', 'failed', 'skipped', 'unavailable']);

/** Whether something was looked for: only of `looked` may anybody say that there is none. */
const looked = z
  .object({
    state: z
      .enum(['looked', 'notAsked', 'failed', 'skipped', 'unavailable', 'nothingToCompare', 'ended'])
      .describe(
        'notAsked: no such step in its pipeline. nothingToCompare: no face, or none large and clear enough. ended: rejected, superseded or gone. The others: how the step ended',
      ),
    step: z.string().describe('The step that would have to run for it'),
    reason: reason.nullable(),
    again: z.boolean().describe('Whether running that step now may change it'),
  })
  .meta({ id: 'Looked' });
export type LookedView = z.infer<typeof looked>;

/** A face of the image. Its crop, where `hasCrop`, is at `routes.faceCrop(key)`. */
export const imageFace = z
  .object({
    key: z.string(),
    rectangle,
    hasCrop: z.boolean(),
    quality: z.string().nullable(),
    enrolled: z.boolean().describe('Whether other photographs can find it'),
    attributes: z.unknown().describe('As the Face service gave them'),
  })
  .meta({ id: 'ImageFace' });
export type ImageFace = z.infer<typeof imageFace>;

/** A line of recognised text and where it stands. */
const textLine = z.object({
  text: z.string(),
  box: z.array(z.number()).length(8).describe('x1, y1, ... x4, y4, clockwise from the top left, in pixels'),
});

/** One line of the job's time line. */
export const timelineStep = z
  .object({
    step: z.string(),
    title: z.string().nullable().describe('What people call it; null for one this app no longer has'),
    summary: z.string().nullable().describe('What the step does; null for one this app no longer has'),
    state: z.enum(['pending', 'waiting', 'done', 'failed', 'skipped', 'unavailable']),
    at: time.nullable(),
    run: z.int().nullable(),
    attempts: z.int(),
    ms: z.number().nullable().describe('How long the successful attempt took'),
    error: reason.nullable(),
    nextAttemptAt: time.nullable().describe('For a waiting step'),
    again: z
      .boolean()
      .describe('Whether doing it again may end otherwise though nobody has changed anything'),
  })
  .meta({ id: 'TimelineStep' });
export type TimelineStep = z.infer<typeof timelineStep>;

/** The job as the journal has it. */
export const timeline = z
  .object({
    admittedAt: time,
    run: z.int(),
    end: z.object({ kind: z.enum(['rejected', 'superseded', 'gone']), reason }).nullable(),
    steps: z.array(timelineStep).describe('In the order of the pipeline'),
  })
  .meta({ id: 'Timeline' });
export type Timeline = z.infer<typeof timeline>;

/** What was found; absent while the image is under way for the first time. */
export const imageResult = z
  .object({
    status,
    reason: reason.nullable(),
    warnings,
    run: z.int(),
    finishedAt: time,
    pipeline: z.array(z.string()),
    steps: z.array(
      z.object({ step: z.string(), state: stepState, attempts: z.int(), error: reason.nullable() }),
    ),
    width: z.int().nullable(),
    height: z.int().nullable(),
    bytes: z.int().nullable().describe('Of the original'),
    caption: z.string().nullable(),
    text: z.string().nullable(),
    tags: z.array(tag),
    categories: z.array(z.object({ name: z.string(), score: z.number() })),
    textLines: z.array(textLine),
    faces: z.array(imageFace),
    facesLookedFor: z.boolean(),
    lookedFor: z
      .object({ tags: looked, text: looked, faces: looked, matches: looked })
      .describe('What an empty list means, each by itself'),
    matches: z.array(match).describe('Possible matches, the surest first'),
    rejectedMatches: z.array(match).describe('Those a person said are not the same: shown only to undo that'),
    consent: z
      .object({
        purpose: z.string().nullable(),
        legalBasis: z.string().nullable(),
        expires: time.nullable(),
        doNotMatch: z.boolean(),
      })
      .nullable()
      .describe('What is said of its batch'),
    exif: z.unknown().describe('Fields of the original that KEEP_EXIF names'),
    parameters: z.unknown().describe('image_parameters as given with the image'),
    output: z.record(z.string(), z.unknown()).describe('Outputs by step, as in the message'),
  })
  .meta({ id: 'ImageResult' });
export type ImageResultView = z.infer<typeof imageResult>;

export const imageDetail = z
  .object({
    id: z.string(),
    batchId: z.string(),
    name: z.string(),
    imageUrl: z.string().describe('An identifier: the container is private'),
    underWay: z.boolean().describe('Whether a run is not finished: look again when `live` changes'),
    result: imageResult.nullable(),
    timeline: timeline.nullable().describe('Null where the journal has no row, as for old results'),
    deadLetters: z.array(deadLetterSummary),
  })
  .meta({ id: 'ImageDetail' });
export type ImageDetail = z.infer<typeof imageDetail>;

export const rerunBody = z.strictObject({
  steps: z
    .array(z.string())
    .length(1)
    .optional()
    .describe(
      'The step to do again, with all that need its output; every step of its own pipeline where absent',
    ),
  biometric: z
    .boolean()
    .optional()
    .describe('Whether steps that make biometric data may be added to its pipeline: 409 without'),
});
export const rerunAnswer = z.object({ run: z.int() }).meta({ id: 'Rerun' });
