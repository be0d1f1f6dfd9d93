import { z } from 'zod';
import { cursor, interval, limit, next, time } from './common.ts';
import { facePlace } from './faces.ts';

const told = interval.nullable().describe('Null where too little was decided to tell');

const slice = z.object({
  name: z.string().describe('As the case data say; nothing is inferred'),
  pairs: z.int(),
  persons: z.int(),
  missed: told,
  wrongAmongOffered: told,
});

/** What a match is worth in this archive, from what people decided. Two curves can be drawn from it. */
export const calibration = z
  .object({
    id: z.string(),
    at: time,
    by: z.string(),
    model: z.string().describe('Of the recognition: it holds for no other'),
    seed: z.int().describe('Of the resampling: the same decisions and the same seed give the same'),
    threshold: z.number().describe('FACE_MATCH_CONFIDENCE when it was made'),
    faces: z.int(),
    pairs: z.int().describe('Decided pairs'),
    persons: z.int().describe('Persons in them, who were resampled'),
    enough: z.boolean().describe('Whether both error rates at the threshold are known'),
    rates: z
      .array(
        z.object({
          threshold: z.number(),
          falseMatchRate: told.describe(
            'Of all pairs of two people, those as sure as the threshold or surer',
          ),
          falseNonMatchRate: told.describe('Of all pairs of one person, those below the threshold'),
          falseCandidates: told.describe('Wrong candidates to expect of one search among the faces of now'),
        }),
      )
      .describe('By threshold, ascending: the curve on which a threshold is moved'),
    chances: z
      .array(
        z.object({
          from: z.number(),
          to: z.number(),
          decided: z.int(),
          chance: told.describe('How often a candidate in here is right, among the faces of now'),
        }),
      )
      .describe('By confidence, ascending'),
    groups: z.array(slice),
    ageGaps: z.array(slice),
  })
  .meta({ id: 'Calibration' });
export type Calibration = z.infer<typeof calibration>;

export const worth = z
  .object({
    model: z.string(),
    threshold: z.number().describe('FACE_MATCH_CONFIDENCE as it is set; never set by a calibration'),
    faces: z.int().describe('Faces in the archive now'),
    basis: z
      .enum(['archive', 'engine'])
      .nullable()
      .describe("archive: decisions of people here; engine: the engine's published figures; null: nobody's"),
    calibration: calibration.nullable().describe('The latest that there were enough decisions for'),
    latest: calibration.nullable().describe('The latest of all: how far the decisions have got'),
    published: z
      .array(z.object({ atConfidence: z.number(), falseMatchRate: z.number(), falseCandidates: z.number() }))
      .describe("The engine's published figures, not measured here; empty where another service answers"),
    drawn: z
      .object({ at: time, faces: z.int(), searched: z.int(), undecided: z.boolean() })
      .nullable()
      .describe('The last draw of pairs for reviewers, and whether some of them wait'),
  })
  .meta({ id: 'CalibrationState' });

export type CalibrationState = z.infer<typeof worth>;

export const calibrateBody = z.strictObject({
  seed: z
    .int()
    .min(0)
    .max(2 ** 31)
    .optional()
    .describe('Random where absent'),
});

export const calibrationQuery = z.strictObject({ after: cursor.optional(), limit: limit(50, 20) });
export const calibrationPage = z
  .object({ items: z.array(calibration).describe('Newest first'), next })
  .meta({ id: 'CalibrationPage' });

export const drawBody = z.strictObject({
  faces: z.int().min(1).max(60).default(30).describe('Faces to search for neighbours, at random'),
  perStratum: z.int().min(1).max(200).default(30).describe('Most pairs from each stratum of confidence'),
  seed: calibrateBody.shape.seed,
});
export const draw = z
  .object({
    id: z.string(),
    seed: z.int(),
    faces: z.int(),
    searched: z.int(),
    pairs: z.int().describe('Pairs that reviewers are asked about from now on'),
    below: z.array(z.object({ from: z.number(), searches: z.int(), found: z.int() })),
  })
  .meta({ id: 'CalibrationDraw' });
export type CalibrationDraw = z.infer<typeof draw>;

export const reviewerFigures = z
  .object({
    answers: z.int().describe('About pairs whose answer is known'),
    falseSame: told.describe('Of pairs of two people, those of which "the same person" was said'),
    falseDifferent: told.describe('Of pairs of one person, those of which "not the same" was said'),
  })
  .meta({ id: 'ReviewerFigures' });
export type ReviewerFigures = z.infer<typeof reviewerFigures>;

/** What who asks may know of how reviewers are measured: their own figures; the group's for an administrator. */
export const reviewers = z
  .object({
    oneIn: z.int().describe('Of so many pairs in review one has a known answer; 0: nobody is measured'),
    agreedAt: time.nullable().describe('Since when who asks agrees to be measured'),
    own: reviewerFigures.nullable().describe('Of who asks, for nobody else; null where they do not agree'),
    group: reviewerFigures
      .extend({
        reviewers: z.int().describe('Who agree to be measured'),
        known: z
          .object({ same: z.int(), different: z.int() })
          .describe('Pairs whose answer two people have given, that can be put before reviewers'),
      })
      .nullable()
      .describe(
        'Of all together, for an administrator; answers 0 and no rates of fewer than three who have answered',
      ),
  })
  .meta({ id: 'MeasuredReviewers' });
export type MeasuredReviewers = z.infer<typeof reviewers>;

export const knownPairRateBody = z.strictObject({
  oneIn: z
    .union([z.literal(0), z.int().min(4).max(100)])
    .describe('Of so many pairs in review one has a known answer, 4 to 100; 0 ends it'),
});
export const agreeBody = z.strictObject({
  agree: z.boolean().describe('false takes it back, and removes what was measured'),
});

export const drawnQuery = z.strictObject({ after: cursor.optional(), limit: limit(100, 20) });
/** Two faces to be decided without being told how sure the machine is. */
export const drawnPage = z
  .object({ items: z.array(z.object({ a: facePlace, b: facePlace })).describe('In random order'), next })
  .meta({ id: 'DrawnPairPage' });
