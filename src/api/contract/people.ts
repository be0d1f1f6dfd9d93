import { z } from 'zod';
import { isPartialDate } from '../../domain/partial-date.ts';
import { chosenId, cursor, limit, next, time } from './common.ts';
import { facePlace } from './faces.ts';

const id = z.string().min(1).max(230);
const personId = z.string().regex(/^[0-9a-f-]{32,36}$/);
/** PFIF: as far as it is known. */
const partialDate = z.string().max(10).refine(isPartialDate, 'must be a date: YYYY, YYYY-MM or YYYY-MM-DD');
const reason = z.string().trim().min(1).max(2000).optional().describe('Why, in words; shown to reviewers');

export const threshold = z
  .object({
    faces: z.int().describe('Faces it is made for: their number, rounded up'),
    confidence: z
      .number()
      .nullable()
      .describe('From which the machine joins two faces by itself; null where it joins none'),
    basis: z
      .enum(['published', 'extended', 'none'])
      .describe(
        "published: the engine's figures; extended: gone on with beyond what was measured; none: no figure says how sure is sure enough among so many",
      ),
    why: z.string().describe('The same for people'),
  })
  .meta({ id: 'GroupThreshold' });
export type GroupThreshold = z.infer<typeof threshold>;

export const groupFace = z
  .object({
    ...facePlace.shape,
    quality: z.string().nullable(),
    decided: z.boolean().describe("Held to the group by people; the others are the machine's guess"),
    taken: z.string().nullable().describe('When the photograph was taken, as far as somebody has said'),
  })
  .meta({ id: 'GroupFace' });
export type GroupFaceView = z.infer<typeof groupFace>;

export const group = z
  .object({
    id: z.string().describe('It changes when groups are joined or parted'),
    faces: z.int(),
    decided: z.int().describe('Of those, held together by people'),
    person: z.object({ id: z.string(), fullName: z.string().nullable() }).nullable(),
    contested: z
      .boolean()
      .describe('Decisions about its faces contradict each other: nothing is joined until one is undone'),
    lead: z.string().describe('The face to show it by'),
  })
  .meta({ id: 'Group' });
export type GroupView = z.infer<typeof group>;

export const groupQuery = z.strictObject({
  batch: z.string().min(1).max(512).optional(),
  named: z.enum(['true', 'false']).optional(),
  contested: z.enum(['true', 'false']).optional(),
  after: cursor.optional(),
  limit: limit(100, 40),
});
export const groupPage = z
  .object({
    groups: z
      .array(z.object({ ...group.shape, some: z.array(groupFace).describe('Up to six of its faces') }))
      .describe('Those with the most faces first; faces that are alone are in none'),
    threshold,
    next,
  })
  .meta({ id: 'GroupPage' });
export type GroupPage = z.infer<typeof groupPage>;

export const groupFacesQuery = z.strictObject({ after: cursor.optional(), limit: limit(200, 60) });
export const groupDetail = z
  .object({ ...group.shape, members: z.array(groupFace).describe('One page, by face'), next })
  .meta({ id: 'GroupDetail' });
export type GroupDetail = z.infer<typeof groupDetail>;

/** PFIF names; null takes a value back, what is absent stays. */
const known = {
  fullName: z.string().trim().min(1).max(400).nullable().optional(),
  alternateNames: z.array(z.string().trim().min(1).max(400)).max(20).optional(),
  sex: z.enum(['female', 'male', 'other']).nullable().optional(),
  dateOfBirth: partialDate.nullable().optional().describe('YYYY, YYYY-MM or YYYY-MM-DD'),
  description: z.string().max(4000).nullable().optional(),
  sourceName: z.string().max(400).nullable().optional(),
  sourceDate: time.nullable().optional(),
  sourceUrl: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .nullable()
    .optional(),
  expiryDate: time.nullable().optional().describe('From then on the person is to be erased'),
  purpose: z.string().max(200).nullable().optional(),
  legalBasis: z.string().max(200).nullable().optional(),
  minor: z.boolean().nullable().optional().describe('A child; null where nobody knows'),
  hidden: z.boolean().optional().describe('Left out of the lists of groups and persons'),
};
export const personBody = z.strictObject({
  id: chosenId.optional(),
  ...known,
  faces: z.array(id).max(100).optional().describe('Faces that are theirs, by the word of whoever asks'),
});
export const personChange = z
  .strictObject({
    ...known,
    version: z.int().optional().describe('The one that was read: 409 where it is no longer'),
  })
  .refine((body) => Object.keys(body).some((name) => name !== 'version'), 'must say something');

export const person = z
  .object({
    id: z.string(),
    fullName: z.string().nullable(),
    alternateNames: z.array(z.string()),
    sex: z.enum(['female', 'male', 'other']).nullable(),
    dateOfBirth: z.string().nullable(),
    description: z.string().nullable(),
    sourceName: z.string().nullable(),
    sourceDate: z.string().nullable(),
    sourceUrl: z.string().nullable(),
    entryDate: time,
    expiryDate: z.string().nullable(),
    purpose: z.string().nullable(),
    legalBasis: z.string().nullable(),
    minor: z.boolean().nullable(),
    hidden: z.boolean(),
    createdBy: z.string(),
    changedAt: time,
    version: z.int(),
  })
  .meta({ id: 'Person' });
export type PersonView = z.infer<typeof person>;

export const personDetail = z
  .object({
    ...person.shape,
    keptAs: z.string().describe('The person into whom this one was merged; itself where it was not'),
    group: group.nullable().describe('Null while no face is theirs'),
  })
  .meta({ id: 'PersonDetail' });
export type PersonDetail = z.infer<typeof personDetail>;

export const personQuery = z.strictObject({
  prefix: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .describe('How the name begins; case and accents do not matter'),
  hidden: z.enum(['true', 'false']).optional(),
  after: cursor.optional(),
  limit: limit(100, 40),
});
export const personPage = z
  .object({ people: z.array(person).describe('By name'), next })
  .meta({ id: 'PersonPage' });
export type PersonPage = z.infer<typeof personPage>;

/** What a person says about two faces, or a face and a person. */
export const judgement = z.enum(['same', 'different', 'undecided']);
export const personFaceBody = z.strictObject({ verdict: judgement, reason });
export const mergeBody = z.strictObject({ into: personId, reason });
export const undoDecisionBody = z.strictObject({ reason });
export const takenBody = z.strictObject({ taken: partialDate.nullable() });
/** What one act took: to be taken back together. */
export const splitAnswer = z
  .object({
    decisions: z.array(z.string()).describe('In their order: `api/decision-undos` takes them back at once'),
  })
  .meta({ id: 'Split' });
export type Split = z.infer<typeof splitAnswer>;
export const undoDecisionsBody = z.strictObject({
  decisions: z
    .array(z.string().min(1).max(100))
    .min(1)
    .max(2000)
    .describe('In the order in which they were made'),
  reason,
});

export const splitBody = z.strictObject({
  faces: z.array(id).min(1).max(200),
  person: personId.optional().describe('Whose they are instead; nobody yet where absent'),
  reason,
});

export const logEntry = z
  .object({
    id: z.string(),
    kind: z.enum(['same', 'different', 'verify', 'propose', 'close', 'reopen', 'undo']),
    faces: z.array(z.string()).describe('By their keys as they were'),
    images: z.array(z.string()),
    persons: z.array(z.string()).describe('Of two, the first was merged into the second'),
    candidate: z.string().nullable(),
    enquiry: z.string().nullable(),
    by: z.string(),
    at: time,
    reason: z.string().nullable(),
    score: z.number().nullable().describe('The confidence that was shown'),
    model: z.string().nullable(),
    blind: z.boolean().describe('Whether an earlier verdict was kept from whoever decided'),
    supersedes: z.string().nullable().describe('The decision that counts no longer because of this one'),
  })
  .meta({ id: 'LogEntry' });
export type LogEntry = z.infer<typeof logEntry>;

export const decisionQuery = z.strictObject({
  face: id.optional(),
  image: z.string().min(1).max(200).optional(),
  person: personId.optional(),
  candidate: personId.optional(),
  enquiry: personId.optional(),
  after: cursor.optional(),
  limit: limit(200, 50),
});
export const decisionPage = z
  .object({ decisions: z.array(logEntry).describe('Newest first'), next })
  .meta({ id: 'DecisionPage' });
export type DecisionPage = z.infer<typeof decisionPage>;
