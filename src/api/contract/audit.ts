import { z } from 'zod';
import { limit, next, time } from './common.ts';

export const auditEntry = z
  .object({
    sequence: z.int().describe('1, 2, 3 ...: the place in the chain'),
    id: z.string(),
    at: time,
    who: z.string(),
    action: z.string().describe('Stable'),
    about: z
      .array(z.string())
      .describe(
        '`image:`, `face:`, `batch:` or `deadletter:` and an id; `h` and a hash where the id could tell something',
      ),
    detail: z.record(z.string(), z.unknown()).describe('Codes and figures'),
    previous: z.string().describe('Hash of the entry before'),
    hash: z.string().describe('SHA-256, hex'),
  })
  .meta({ id: 'AuditEntry' });

export const auditQuery = z.strictObject({
  action: z.string().min(1).max(40).optional(),
  image: z.string().min(1).max(2000).optional().describe('Only about this image'),
  face: z.string().min(1).max(2000).optional().describe('Only about this face'),
  batch: z.string().min(1).max(2000).optional().describe('Only about this batch'),
  after: z.string().min(1).max(2000).describe('`next` of the page before; opaque').optional(),
  limit: limit(1000, 100),
});
export const auditPage = z
  .object({ entries: z.array(auditEntry).describe('Newest first'), next })
  .meta({ id: 'AuditPage' });

export const auditVerification = z
  .object({
    entries: z.int().describe('Entries that were looked at'),
    head: z.object({ sequence: z.int(), hash: z.string() }).describe('To be noted outside of the database'),
    problems: z
      .array(
        z.object({ sequence: z.int(), kind: z.enum(['missing', 'altered', 'moved']), message: z.string() }),
      )
      .describe('None where the trail is whole; at most 100'),
  })
  .meta({ id: 'AuditVerification' });
