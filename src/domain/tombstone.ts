import { createHash } from 'node:crypto';

/**
 * Name of the tombstone of a job: what stays when everything about its image has been erased, so that nothing of it
 * comes back. 64 hex digits; the id cannot be read from it.
 */
export const tombstoneOf = (jobId: string): string =>
  createHash('sha256').update(`imaginem tombstone\n${jobId}`).digest('hex');
