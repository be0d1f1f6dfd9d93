import { z } from 'zod';
import { cursor, limit, next } from './common.ts';

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((value) => value === 'true');
const domain = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i)
  .max(200);

export const importQuery = z.strictObject({
  purpose: z.string().trim().min(1).max(200).describe('What the records are kept for'),
  legalBasis: z.string().trim().min(1).max(200),
  enquiries: z
    .enum(['true', 'false'])
    .default('true')
    .transform((value) => value === 'true')
    .describe('Whether enquiries are opened for those whom a record says to be sought'),
  deaths: flag.describe('Whether notes that somebody is dead are taken: needs the app role deaths'),
  domain: domain.optional().describe('In which ids of our own records are: copies of them are left alone'),
});

const counts = z.object({
  made: z.int(),
  changed: z.int(),
  unchanged: z.int(),
  keptOurs: z.int().describe('Somebody here has changed the person since: that stays'),
  expired: z.int().describe('Not taken, and erased where it was here'),
  erasedHere: z.int().describe('Erased here before: it does not come back'),
  ourOwn: z.int(),
  noPerson: z.int().describe('Notes of a person that is not here'),
  deathNotAllowed: z.int(),
});

export const importAnswer = z
  .object({
    persons: counts,
    notes: counts,
    refused: z.object({
      count: z.int(),
      sentences: z.array(z.string()).describe('Why, for the first hundred'),
    }),
    enquiries: z.int(),
    photographs: z.object({ taken: z.int(), failed: z.int() }),
    leftOut: z.record(z.string(), z.int()).describe('Fields whose value PFIF does not allow'),
    unknown: z.record(z.string(), z.int()).describe('Fields that PFIF does not have'),
    ended: z.object({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'PfifImport' });

export const exportQuery = z.strictObject({
  domain: domain.describe('In which ids of our own records are: a name that the organisation is known by'),
  photographs: flag.describe('Addresses of photographs that came with records: for administrators'),
  minors: flag.describe('For administrators'),
  closed: flag.describe('Persons whose enquiry has ended: for administrators'),
  deaths: flag.describe('Notes that somebody is dead: needs the app role deaths'),
  after: cursor.optional(),
  limit: limit(500, 100),
});

export const exportPage = z
  .object({
    document: z.string().describe('PFIF 1.4, application/xml: valid by itself'),
    persons: z.int(),
    leftOut: z.object({ minors: z.int(), closed: z.int(), hidden: z.int() }),
    next,
  })
  .meta({ id: 'PfifPage' });
