import { z } from 'zod';
import { cursor, interval, limit, next, rectangle, time } from './common.ts';

/** What a person said about a pair of faces. `undecided` takes an earlier word back. */
export const verdict = z.enum(['confirmed', 'notSame', 'undecided']);
export type Verdict = z.infer<typeof verdict>;

export const decision = z.object({ verdict, by: z.string(), at: time }).meta({ id: 'Decision' });
export type Decision = z.infer<typeof decision>;

/** A face in some image, enough to show it. */
export const facePlace = z
  .object({
    face: z.string(),
    imageId: z.string(),
    batchId: z.string().nullable().describe('Null while that image is still under way'),
    name: z.string().describe('File name'),
    rectangle,
    hasCrop: z.boolean(),
    imageWidth: z.int().nullable(),
    imageHeight: z.int().nullable(),
  })
  .meta({ id: 'FacePlace' });
export type FacePlace = z.infer<typeof facePlace>;

/** What a possible match is worth in an archive of this size: see docs/engine.md. */
export const matchWorth = z
  .object({
    faces: z.int().describe('Faces in the archive'),
    falseCandidates: z
      .number()
      .nullable()
      .describe(
        'Wrong candidates to expect of one search, as sure as `atConfidence`; null where nobody measured',
      ),
    atConfidence: z.number().nullable(),
    source: z
      .enum(['engine'])
      .nullable()
      .describe("engine: the engine's published figures, not measured on the photographs of this archive"),
    archive: z
      .object({ chance: interval.nullable(), falseCandidates: interval.nullable() })
      .optional()
      .describe('By what people have decided in this archive; absent until that is enough'),
  })
  .meta({ id: 'MatchWorth' });
export type MatchWorthView = z.infer<typeof matchWorth>;

/** A possible match of a face of this image: for a person to decide, never a fact. */
export const match = z
  .object({
    face: z.string().describe('The face of this image'),
    other: facePlace,
    confidence: z.number().describe('0 to 1, as the service gave it'),
    margin: z
      .number()
      .nullable()
      .describe(
        'How far the next person lies below; negative where another is more alike; null where none is known',
      ),
    worth: matchWorth,
    firstSeen: time,
    decision: decision.nullable(),
  })
  .meta({ id: 'Match' });
export type Match = z.infer<typeof match>;

export const faceMatches = z
  .object({ face: z.string(), imageId: z.string(), matches: z.array(match), rejectedMatches: z.array(match) })
  .meta({ id: 'FaceMatches' });
export type FaceMatches = z.infer<typeof faceMatches>;

export const decisionBody = z.strictObject({
  verdict,
  outsideReview: z
    .boolean()
    .default(false)
    .describe(
      'That this is no answer to a pair of `api/review`: it is a decision, also where who says it was asked about this pair to be measured',
    ),
  seen: time
    .nullable()
    .optional()
    .describe(
      'The `at` of the decision that whoever speaks has seen of the pair, null where none: refused with 409 `ChangedMeanwhile` where another counts by now; absent: over whatever counts',
    ),
});

/** A pair nobody has decided yet. */
export const reviewItem = z
  .object({
    a: facePlace,
    b: facePlace,
    confidence: z.number().nullable().describe('Null where the pair is to be decided without it'),
    margin: z
      .number()
      .nullable()
      .describe(
        'How far the next best candidate lies below, of the face where it is less; null where none is known',
      ),
    worth: matchWorth.nullable().describe('Null where `confidence` is'),
    copies: z
      .boolean()
      .describe(
        'Whether the two look like copies of one picture: the same shape, the face in the same place of it',
      ),
    firstSeen: time,
    calibration: z
      .boolean()
      .optional()
      .describe(
        'Whether the pair is to be decided without how sure the machine is: it was drawn for a calibration, say',
      ),
  })
  .meta({ id: 'ReviewItem' });
export type ReviewItem = z.infer<typeof reviewItem>;

export const reviewQuery = z.strictObject({
  batch: z.string().min(1).max(512).optional().describe('Pairs of which a photograph is in this batch'),
  person: z.string().min(1).max(100).optional().describe('Pairs of which a face is taken to be this person'),
  minConfidence: z.coerce.number().min(0).max(1).default(0),
  after: cursor.optional(),
  limit: limit(100, 20),
});
export const reviewPage = z
  .object({
    items: z
      .array(reviewItem)
      .describe(
        'The surest first. Of a batch or a person a page may hold fewer than asked for, or none: go on by `next`',
      ),
    next,
  })
  .meta({ id: 'ReviewPage' });
export type ReviewPage = z.infer<typeof reviewPage>;

/** Search by an uploaded photograph: nothing of it is enrolled or kept. */
export const faceSearchAnswer = z
  .object({
    width: z.int().describe('Of the upright photograph: rectangles are in its pixels'),
    height: z.int(),
    faces: z
      .array(
        z.object({
          rectangle,
          quality: z.string().nullable(),
          compared: z
            .boolean()
            .describe(
              'Whether it could be compared at all: only then do no matches mean that none was found',
            ),
          matches: z.array(
            z.object({
              other: facePlace,
              confidence: z.number(),
              margin: z.number().nullable(),
              worth: matchWorth,
            }),
          ),
          more: z.boolean().describe('Whether these are the most alike only, and there may be others'),
        }),
      )
      .describe('Largest first'),
    notSearched: z.int().describe('Smaller faces in the photograph that were not searched for'),
  })
  .meta({ id: 'FaceSearch' });
export type FaceSearchAnswer = z.infer<typeof faceSearchAnswer>;
