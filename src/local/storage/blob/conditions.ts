import { type Call, headerOf } from '../http/call.ts';
import { invalidHeader } from '../http/storage-error.ts';
import { blobAlreadyExists, conditionNotMet, notModified, unsatisfiableCondition } from './errors.ts';

export interface Version {
  /** Bare. */
  readonly etag: string;
  readonly modified: number;
}

const bare = (etag: string): string => etag.trim().replace(/^(?:W\/)?"(.*)"$/, '$1');
const second = (ms: number): number => Math.floor(ms / 1000) * 1000;

interface Conditions {
  readonly match: readonly string[] | undefined;
  readonly noneMatch: readonly string[] | undefined;
  readonly modifiedSince: number | undefined;
  readonly unmodifiedSince: number | undefined;
}

const etags = (text: string | undefined): string[] | undefined => text?.split(',').map(bare);

function dateHeader(call: Call, name: string): number | undefined {
  const text = headerOf(call, name);
  if (text === undefined) return undefined;
  const date = Date.parse(text);
  if (Number.isNaN(date)) throw invalidHeader(name, text);
  return date;
}

const NONE: Conditions = {
  match: undefined,
  noneMatch: undefined,
  modifiedSince: undefined,
  unmodifiedSince: undefined,
};

function conditionsOf(call: Call, prefix: '' | 'x-ms-source-' = ''): Conditions {
  const { headers } = call;
  const [match, noneMatch] = [headers[`${prefix}if-match`], headers[`${prefix}if-none-match`]];
  const [since, unmodified] = [
    headers[`${prefix}if-modified-since`],
    headers[`${prefix}if-unmodified-since`],
  ];
  if ((match ?? noneMatch ?? since ?? unmodified) === undefined) return NONE;
  return {
    match: etags(headerOf(call, `${prefix}if-match`)),
    noneMatch: etags(headerOf(call, `${prefix}if-none-match`)),
    modifiedSince: dateHeader(call, `${prefix}if-modified-since`),
    unmodifiedSince: dateHeader(call, `${prefix}if-unmodified-since`),
  };
}

const met = ({ match, unmodifiedSince }: Conditions, { etag, modified }: Version): boolean =>
  (match === undefined || match.includes('*') || match.includes(etag)) &&
  (unmodifiedSince === undefined || second(modified) <= unmodifiedSince);

/** Where both are given, one that holds is enough, as HTTP has it. */
function unchanged({ noneMatch, modifiedSince }: Conditions, { etag, modified }: Version): boolean {
  if (noneMatch !== undefined) return noneMatch.includes('*') || noneMatch.includes(etag);
  return modifiedSince !== undefined && second(modified) <= modifiedSince;
}

/** Of a read of something that is there. @throws {StorageError} 304, 400 or 412 */
export function checkRead(call: Call, version: Version): void {
  const conditions = conditionsOf(call);
  if (conditions === NONE) return;
  if (conditions.noneMatch?.includes('*')) throw unsatisfiableCondition();
  if (!met(conditions, version)) throw conditionNotMet();
  if (unchanged(conditions, version)) {
    throw notModified({
      etag: `"${version.etag}"`,
      'last-modified': new Date(version.modified).toUTCString(),
    });
  }
}

/** Of a change of something that is there. @throws {StorageError} 412 */
export function checkChange(call: Call, version: Version): void {
  const conditions = conditionsOf(call);
  if (conditions === NONE) return;
  if (!met(conditions, version) || unchanged(conditions, version)) throw conditionNotMet();
}

/** Of a write that creates or replaces. @throws {StorageError} 409 or 412 */
export function checkWrite(call: Call, version: Version | undefined): void {
  const conditions = conditionsOf(call);
  if (conditions === NONE) return;
  if (!version) {
    if (conditions.match !== undefined) throw conditionNotMet();
    return;
  }
  if (conditions.noneMatch?.includes('*')) throw blobAlreadyExists();
  if (!met(conditions, version) || unchanged(conditions, version)) throw conditionNotMet();
}

/** Of the source of a copy. @throws {StorageError} 412 */
export function checkSource(call: Call, version: Version): void {
  const conditions = conditionsOf(call, 'x-ms-source-');
  if (conditions === NONE) return;
  if (!met(conditions, version) || unchanged(conditions, version)) throw conditionNotMet();
}
