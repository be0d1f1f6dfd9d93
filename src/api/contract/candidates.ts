import { z } from 'zod';
import { cursor, limit, next, time } from './common.ts';
import { facePlace, matchWorth } from './faces.ts';

/** As whoever asks may know it. */
export const standing = z.enum(['open', 'pending', 'secondLook', 'contested', 'different', 'found']);
export type CandidateStanding = z.infer<typeof standing>;

export const word = z.enum(['same', 'different', 'later']);

export const candidate = z
  .object({
    id: z.string(),
    enquiry: z.string(),
    standing: standing.describe(
      'pending: your word waits for that of another; secondLook: one person has spoken, and you are to judge without knowing what',
    ),
    blind: z.boolean().describe('Whether score and words are kept from you'),
    score: z
      .number()
      .nullable()
      .describe('0 to 1, of the best pair; null where it is kept from you, or the machine gives none'),
    margin: z.number().nullable().describe('How far the next person lies below'),
    model: z.string().nullable().describe('What compared the faces; null where the score is'),
    bestFace: z.string(),
    ownFace: z
      .string()
      .nullable()
      .describe('The face of the enquiry that is most like it, or that it was put beside by hand'),
    faces: z.int().describe('Faces in the group'),
    firstSeen: time,
    changedAt: time,
    version: z.int(),
  })
  .meta({ id: 'Candidate' });
export type Candidate = z.infer<typeof candidate>;

const shownFace = facePlace.extend({
  quality: z.string().nullable(),
  taken: z.string().nullable().describe('As far as it is known'),
});

export const candidateDetail = candidate
  .extend({
    worth: matchWorth.nullable(),
    evidence: z
      .array(z.object({ own: z.string(), other: z.string(), confidence: z.number().nullable() }))
      .describe(
        'What speaks for it: pairs of a face of the enquiry and one of the group; of one that was put forward by hand the machine gives no confidence',
      ),
    proposals: z
      .array(
        z.object({
          id: z.string().describe('Of the decision in the log, to be undone there'),
          own: z.string(),
          other: z.string(),
          by: z.string(),
          at: time,
          reason: z.string().nullable(),
        }),
      )
      .describe(
        'Which of its faces were put forward by hand, and by whom; none where they are kept from you',
      ),
    unlike: z.array(z.string()).describe('Faces of the group that are like none of the enquiry'),
    group: z.array(shownFace).describe('At most 200'),
    own: z.array(shownFace).describe('Faces of the enquiry that stand in the evidence'),
    words: z
      .array(
        z.object({
          id: z.string(),
          word,
          by: z.string(),
          at: time,
          reason: z.string().nullable(),
          blind: z.boolean().describe('Whether it was said without knowing another word and the score'),
          score: z.number().nullable().describe('The one that was shown'),
          model: z.string().nullable().describe('Null where none compared the faces'),
        }),
      )
      .describe('None where they are kept from you'),
    ageGapYears: z
      .number()
      .nullable()
      .describe('Between the best two photographs, where it is known when both were taken'),
  })
  .meta({ id: 'CandidateDetail' });
export type CandidateDetail = z.infer<typeof candidateDetail>;

export const candidateQuery = z.strictObject({
  enquiry: z.string().min(1).max(64).optional(),
  standing: standing.optional(),
  after: cursor.optional(),
  limit: limit(200, 50),
});
export const candidatePage = z
  .object({
    candidates: z
      .array(candidate)
      .describe('The surest first; then those that you are to judge without knowing how sure'),
    next,
  })
  .meta({ id: 'CandidatePage' });
export type CandidatePage = z.infer<typeof candidatePage>;

const faceKey = z.string().min(1).max(200);
const why = z.string().trim().min(1).max(2000);

export const wordBody = z.strictObject({
  word,
  reason: why.optional(),
  version: z
    .int()
    .optional()
    .describe('Of the candidate as you saw it: 409 where a face has come or gone since'),
});
export const proposalBody = z.strictObject({
  face: faceKey.describe('Of the archive'),
  own: faceKey
    .optional()
    .describe('The face of the enquiry that it is compared with; needed where several are sought'),
  reason: why.optional(),
});
export const undoBody = z.strictObject({ reason: why.optional() });
