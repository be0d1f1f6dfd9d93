import type { AuditTrail } from '../audit/trail.ts';

/** Where a use case writes down who did what, before it does it. */
export interface Audited {
  readonly audit: Pick<AuditTrail, 'record'>;
}
