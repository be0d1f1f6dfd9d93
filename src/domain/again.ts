import { explain } from './error-codes.ts';

/** Only a change outside (an approval, a quota, a key) cures these. */
const THE_SAME_AGAIN: ReadonlySet<string> = new Set(['permanent', 'rejected', 'ended', 'unavailable']);

/**
 * Whether doing again what ended with this error may end otherwise though nobody has changed anything: a service that
 * was away is back, say. What it is not true of needs its cause mended first.
 */
export const mayEndOtherwise = (errorCode: string): boolean => !THE_SAME_AGAIN.has(explain(errorCode).kind);
