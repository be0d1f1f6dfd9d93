import { createHash } from 'node:crypto';
import { bareEtag } from './etag.ts';
import { trimEndOf } from './trim.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

/**
 * The job of one version of one blob: container, name and ETag hashed, so that the two or three events that one upload
 * can cause are one job. 32 hex digits.
 */
export function jobIdOf(container: string, name: string, etag: string): string {
  return hash(`${container}\n${name}\n${bareEtag(etag)}`);
}

/**
 * The job id as blob names and face keys may hold it: itself where it is harmless, else its hash. Messages posted by
 * hand bring ids of any form.
 */
export function jobKey(id: string): string {
  const harmless = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(id) && !/^x[0-9a-f]{32}$/.test(id);
  return harmless ? id : `x${hash(id)}`;
}

/** Longest batch id, in UTF-16 units: what an indexed SQL column holds. */
export const MAX_BATCH_ID = 450;

/** SQL Server compares text as if it had no spaces at its end: names that differ in nothing else would be one there. */
export const withoutEndingSpaces = (name: string): string => trimEndOf(name, ' ');

/** Batch of a blob: its virtual folder, `default` at the top. A very long one ends in its hash instead. */
export function batchOf(blobName: string): string {
  const folder = withoutEndingSpaces(blobName.slice(0, Math.max(0, blobName.lastIndexOf('/'))));
  if (folder === '') return 'default';
  return folder.length <= MAX_BATCH_ID
    ? folder
    : `${folder.slice(0, MAX_BATCH_ID - 33).toWellFormed()}~${hash(folder)}`;
}
