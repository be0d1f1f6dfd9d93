import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AuditHead } from './verify.ts';

/** A head of the chain as it is noted outside of the database. */
interface NotedHead extends AuditHead {
  /** ISO 8601, UTC, with milliseconds. */
  at: string;
  /** HMAC-SHA256, hex, by a key that is not in the database; absent where there is none. */
  signature?: string;
}

const UNSIGNED = 'unsigned';
const NOTE = /(\d{1,9}):([0-9a-f]{64}):(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z):([0-9a-f]{64}|unsigned)/g;

const sign = ({ sequence, hash, at }: Omit<NotedHead, 'signature'>, key: string): string =>
  createHmac('sha256', key).update(`${sequence}:${hash}:${at}`).digest('hex');

/** One word, which survives whatever a log makes of its lines. @param key none: unsigned */
export function noteOf({ sequence, hash }: AuditHead, at: string, key: string | undefined): string {
  const head = { sequence, hash, at };
  return [sequence, hash, at, key === undefined ? UNSIGNED : sign(head, key)].join(':');
}

/** The heads that are noted in a text: a log, an export of one, or notes by hand. */
export function notesIn(text: string): NotedHead[] {
  return [...text.matchAll(NOTE)].map(([, sequence, hash = '', at = '', signature = '']) => ({
    sequence: Number(sequence),
    hash,
    at,
    ...(signature !== UNSIGNED && { signature }),
  }));
}

/** Whether it was noted by whoever has the key. */
export function isSigned({ signature = '', ...head }: NotedHead, key: string): boolean {
  const [given, expected] = [Buffer.from(signature, 'hex'), Buffer.from(sign(head, key), 'hex')];
  return given.length === expected.length && timingSafeEqual(given, expected);
}
