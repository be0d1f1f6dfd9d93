import { type Call, headerOf } from '../http/call.ts';
import { httpDate } from '../http/date.ts';
import { invalidHeader, notImplemented } from '../http/storage-error.ts';
import { type BlobProperties, type BlobRow, propertiesOf } from './blobs.ts';
import { leaseHeaders, readLease } from './lease.ts';
import { versionHeaders } from './version-headers.ts';

const TIERS = ['Hot', 'Cool', 'Cold', 'Archive'];

const FIELDS = [
  ['contentType', 'content-type'],
  ['contentEncoding', 'content-encoding'],
  ['contentLanguage', 'content-language'],
  ['contentMd5', 'content-md5'],
  ['cacheControl', 'cache-control'],
  ['contentDisposition', 'content-disposition'],
] as const;

/** What `x-ms-blob-content-*` say. */
export function propertiesGiven(call: Call): BlobProperties {
  const properties: Record<string, string> = {};
  for (const [field, name] of FIELDS) {
    const value = headerOf(call, `x-ms-blob-${name}`);
    if (value !== undefined && value !== '') properties[field] = value;
  }
  return properties;
}

/** @throws {StorageError} InvalidHeaderValue */
export function tierGiven(call: Call): string | undefined {
  const tier = headerOf(call, 'x-ms-access-tier');
  if (tier !== undefined && !TIERS.includes(tier)) throw invalidHeader('x-ms-access-tier', tier);
  return tier;
}

const REFUSED: Readonly<Record<string, string>> = {
  'x-ms-tags': 'Blob index tags are',
  'x-ms-encryption-key': 'Encryption with keys of the client is',
  'x-ms-encryption-scope': 'An encryption scope is',
  'x-ms-immutability-policy-until-date': 'An immutability policy is',
  'x-ms-legal-hold': 'A legal hold is',
  'x-ms-structured-body': 'A structured body is',
  'x-ms-if-tags': 'A condition on tags is',
};

/** Refuses what would otherwise be passed over in silence. @throws {StorageError} NotImplemented */
export function refuseUnknown(call: Call): void {
  for (const name in REFUSED) {
    if (call.headers[name] !== undefined) throw notImplemented(REFUSED[name] ?? '');
  }
}

/** What HEAD and GET say of a blob, its length and metadata left out. */
export function blobHeaders(row: BlobRow, now: number): Record<string, string> {
  const properties = propertiesOf(row);
  const headers: Record<string, string> = {
    ...versionHeaders(row),
    'content-type': properties.contentType ?? 'application/octet-stream',
    'accept-ranges': 'bytes',
    'x-ms-blob-type': 'BlockBlob',
    'x-ms-creation-time': httpDate(row.created),
    'x-ms-server-encrypted': 'false',
    'x-ms-access-tier': properties.tier ?? 'Hot',
    ...(properties.tier === undefined && { 'x-ms-access-tier-inferred': 'true' }),
    ...leaseHeaders(readLease(row.lease), now),
    ...copyHeaders(properties, row.size),
  };
  for (const [field, name] of FIELDS) {
    const value = properties[field];
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}

function copyHeaders({ copy }: BlobProperties, size: number): Record<string, string> {
  if (!copy) return {};
  return {
    'x-ms-copy-id': copy.id,
    'x-ms-copy-source': copy.source,
    'x-ms-copy-status': 'success',
    'x-ms-copy-progress': `${size}/${size}`,
    'x-ms-copy-completion-time': httpDate(copy.completed),
  };
}
