import { z } from 'zod';
import { ENQUIRY_LIMITS } from '../../domain/enquiry-limits.ts';
import { isPartialDate } from '../../domain/partial-date.ts';
import { chosenId, cursor, limit, next, time } from './common.ts';

const words = (most: number) => z.string().trim().min(1).max(most);
const id = z.string().min(1).max(64);
/** As far as it is known. */
const taken = z
  .string()
  .max(10)
  .refine(isPartialDate, 'must be a date: YYYY, YYYY-MM or YYYY-MM-DD')
  .describe('YYYY, YYYY-MM or YYYY-MM-DD');

const enquiryState = z.enum(['open', 'candidate', 'verified', 'reunited', 'closed', 'withdrawn']);
export type EnquiryState = z.infer<typeof enquiryState>;

const given = {
  caseReference: words(ENQUIRY_LIMITS.caseReference).describe('Number or name of the case elsewhere'),
  askedBy: id.describe('Who asks: id of a person'),
  sought: id.describe('Who is sought: id of a person'),
  relation: words(ENQUIRY_LIMITS.relation).describe('What the one is to the other'),
  owner: words(ENQUIRY_LIMITS.owner).describe('The caseworker whose it is'),
  office: words(ENQUIRY_LIMITS.office),
  purpose: words(200).describe('What the search is for'),
  legalBasis: words(200).describe('On what ground of law'),
  expires: time.describe('From then on nobody is told of anything, and it is erased'),
};

export const enquiryBody = z.strictObject({
  id: chosenId.optional(),
  purpose: given.purpose,
  legalBasis: given.legalBasis,
  caseReference: given.caseReference.optional(),
  askedBy: given.askedBy.optional(),
  sought: given.sought.optional(),
  relation: given.relation.optional(),
  owner: given.owner.optional().describe('Whoever opens it where absent'),
  office: given.office.optional(),
  expires: given.expires.optional(),
  minor: z.boolean().default(true).describe('Whether who is sought is, or may be, under age'),
});

export const enquiryChange = z.strictObject({
  purpose: given.purpose.optional(),
  legalBasis: given.legalBasis.optional(),
  caseReference: given.caseReference.nullable().optional(),
  askedBy: given.askedBy.nullable().optional(),
  sought: given.sought.nullable().optional(),
  relation: given.relation.nullable().optional(),
  owner: given.owner.nullable().optional(),
  office: given.office.nullable().optional(),
  expires: given.expires.nullable().optional(),
  minor: z.boolean().optional(),
  version: z.int().optional().describe('The one that was read: 409 where somebody has changed it since'),
});

export const enquiry = z
  .object({
    id: z.string(),
    state: enquiryState.describe('open, candidate and verified follow from its candidates'),
    reason: z.string().nullable().describe('Why it was ended'),
    caseReference: z.string().nullable(),
    askedBy: z.string().nullable(),
    sought: z.string().nullable(),
    relation: z.string().nullable(),
    owner: z.string().nullable(),
    office: z.string().nullable(),
    purpose: z.string(),
    legalBasis: z.string(),
    expires: time.nullable(),
    minor: z.boolean(),
    openedBy: z.string(),
    openedAt: time,
    changedAt: time,
    version: z.int(),
    next: z
      .array(z.enum(['open', 'reunited', 'closed', 'withdrawn']))
      .describe('What a person may make of it'),
  })
  .meta({ id: 'Enquiry' });
export type Enquiry = z.infer<typeof enquiry>;

const enquiryPhotograph = z
  .object({
    imageId: z.string(),
    taken: z.string().nullable(),
    addedBy: z.string(),
    addedAt: time,
    status: z.string().nullable().describe('How its job ended; null while it is under way'),
    faces: z
      .array(
        z.object({
          face: z.string(),
          rectangle: z.object({
            left: z.number(),
            top: z.number(),
            width: z.number(),
            height: z.number(),
          }),
          hasCrop: z.boolean(),
          quality: z.string().nullable(),
          enrolled: z.boolean().describe('Whether arriving photographs are compared with it'),
          sought: z.boolean().describe('Whether it is who is sought'),
        }),
      )
      .describe('None where no face was found'),
  })
  .meta({ id: 'EnquiryPhotograph' });

export const enquiryDetail = enquiry
  .extend({
    batchId: z.string().describe('The batch of its photographs'),
    photographs: z.array(enquiryPhotograph),
    candidates: z.int(),
    secondLook: z.int().describe('Candidates of which you may give the second word'),
  })
  .meta({ id: 'EnquiryDetail' });
export type EnquiryDetail = z.infer<typeof enquiryDetail>;

export const enquiryQuery = z.strictObject({
  state: enquiryState.optional(),
  caseReference: words(ENQUIRY_LIMITS.caseReference).optional(),
  owner: words(ENQUIRY_LIMITS.owner).optional(),
  search: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .optional()
    .describe('Part of the case reference, or of the name of who is sought, whatever its case and accents'),
  ended: z
    .enum(['true', 'false'])
    .optional()
    .describe('Whether only those that were reunited, closed or withdrawn, or only the others'),
  after: cursor.optional(),
  limit: limit(200, 50),
});
export const enquiryPage = z
  .object({ enquiries: z.array(enquiry).describe('Newest first'), next })
  .meta({ id: 'EnquiryPage' });

export const enquiryEnd = z.strictObject({
  state: z
    .enum(['open', 'reunited', 'closed', 'withdrawn'])
    .describe('open takes an end back; withdrawn is for good'),
  reason: words(2000),
  version: z.int().optional(),
});

export const enquiryNote = z.strictObject({ id: chosenId.optional(), note: words(4000) });
export const photographQuery = z.strictObject({ taken: taken.optional() });
export const photographAnswer = z
  .object({
    photographs: z.array(
      z.object({
        name: z.string(),
        imageId: z.string().nullable().describe('Null where it was not taken'),
        problem: z.object({ code: z.string(), detail: z.string() }).nullable(),
      }),
    ),
  })
  .meta({ id: 'EnquiryPhotographs' });
export type EnquiryPhotographs = z.infer<typeof photographAnswer>;

export const soughtBody = z.strictObject({ sought: z.boolean() });

export const eventQuery = z.strictObject({ after: cursor.optional(), limit: limit(200, 50) });
export const eventPage = z
  .object({
    events: z
      .array(
        z.object({
          id: z.string(),
          at: time,
          who: z.string().describe('imaginem: the machine'),
          kind: z.enum([
            'opened',
            'changed',
            'photograph',
            'face',
            'note',
            'state',
            'proposed',
            'found',
            'contested',
          ]),
          candidate: z.string().nullable(),
          from: z.string().nullable(),
          to: z.string().nullable(),
          note: z.string().nullable(),
        }),
      )
      .describe('Newest first'),
    next,
  })
  .meta({ id: 'EnquiryEvents' });
export type EnquiryEvents = z.infer<typeof eventPage>;

export const outboxQuery = z.strictObject({
  state: z.enum(['waiting', 'delivered', 'dead', 'withheld']).optional(),
  enquiry: id.optional(),
  after: cursor.optional(),
  limit: limit(200, 50),
});
export const outboxPage = z
  .object({
    receiver: z.enum(['webhook', 'topic']).nullable().describe('Null where nobody is told'),
    counts: z.object({ waiting: z.int(), delivered: z.int(), dead: z.int(), withheld: z.int() }),
    events: z
      .array(
        z.object({
          id: z.string(),
          type: z.enum(['proposed', 'found']),
          enquiry: z.string(),
          candidate: z.string(),
          at: time,
          state: z.enum(['waiting', 'delivered', 'dead', 'withheld']),
          sent: z.int().describe('How often'),
          nextAt: time.nullable().describe('When it is sent next, while it waits'),
          endedAt: time.nullable(),
          reason: z.object({ code: z.string(), message: z.string() }).nullable(),
        }),
      )
      .describe('Newest first'),
    next,
  })
  .meta({ id: 'Outbox' });
