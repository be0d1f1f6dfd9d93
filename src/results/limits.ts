/**
 * Longest values of what is compared and indexed, in UTF-16 code units: SQL Server's clustered keys end at 900 bytes,
 * its other index keys at 1,700.
 */
export const LIMITS = {
  id: 200,
  batchId: 512,
  faceKey: 220,
  tag: 240,
  step: 56,
  purpose: 200,
  caseReference: 200,
  code: 128,
  /** An image id, or a queue and a dead letter's id. */
  bulkItem: 220,
} as const;
