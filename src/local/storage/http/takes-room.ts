import type { Call } from './call.ts';

const WRITES: ReadonlySet<string> = new Set(['PUT', 'POST', 'PATCH', 'MERGE']);

/**
 * Whether a call needs room on the disk. Deletions are let try, for they make it; to take messages is a write, though it is
 * asked for by GET: one that is taken must be able to be put back.
 */
export const takesRoom = ({
  service,
  method,
  rawResource,
  query,
}: Pick<Call, 'service' | 'method' | 'rawResource' | 'query'>): boolean =>
  WRITES.has(method) ||
  (service === 'queue' &&
    method === 'GET' &&
    /\/messages$/.test(rawResource) &&
    query.get('peekonly')?.toLowerCase() !== 'true');
