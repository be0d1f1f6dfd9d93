import type { Answer } from '../http/answer.ts';
import { type Call, headerOf, metadataOf } from '../http/call.ts';
import { invalidHeader, missingHeader, notImplemented } from '../http/storage-error.ts';
import { propertiesGiven, refuseUnknown, tierGiven } from './blob-properties.ts';
import { type BlobRow, propertiesOf } from './blobs.ts';
import { checkChange } from './conditions.ts';
import { blobNotFound } from './errors.ts';
import { checkLease, readLease } from './lease.ts';
import { leaseCall, leaseIdOf } from './lease-call.ts';
import { type BlobStore, existingContainer, type Place } from './store.ts';
import { versionHeaders } from './version-headers.ts';

/** The blob of a change, conditions and lease checked, and the number of its container. @throws {StorageError} */
function changing(
  call: Call,
  place: Place,
  store: BlobStore,
  leaseId: string | undefined,
): { number: number; row: BlobRow } {
  const { number } = existingContainer(store, call, place.container);
  const row = store.blobs.find(number, place.blob);
  if (!row) throw blobNotFound();
  checkChange(call, row);
  checkLease(readLease(row.lease), leaseId, call.now, 'blob');
  return { number, row };
}

/** Set Blob Properties: what is not given is taken away. */
export function setProperties(call: Call, place: Place, store: BlobStore): Answer {
  refuseUnknown(call);
  if (headerOf(call, 'x-ms-blob-content-length') !== undefined)
    throw notImplemented('Resizing a page blob is');
  const { number, row } = changing(call, place, store, leaseIdOf(call));
  const { tier, copy } = propertiesOf(row);
  const properties = {
    ...propertiesGiven(call),
    ...(tier !== undefined && { tier }),
    ...(copy !== undefined && { copy }),
  };
  return {
    status: 200,
    headers: versionHeaders(store.blobs.describe(number, row, { properties }, call.now)),
  };
}

/** Set Blob Metadata. */
export function setMetadata(call: Call, place: Place, store: BlobStore): Answer {
  refuseUnknown(call);
  const metadata = JSON.stringify(metadataOf(call));
  const { number, row } = changing(call, place, store, leaseIdOf(call));
  const version = store.blobs.describe(number, row, { metadata }, call.now);
  return { status: 200, headers: { ...versionHeaders(version), 'x-ms-request-server-encrypted': 'false' } };
}

/** Set Blob Tier: kept and shown; there is one kind of disk here. */
export function setTier(call: Call, place: Place, store: BlobStore): Answer {
  const tier = tierGiven(call);
  if (tier === undefined) throw missingHeader('x-ms-access-tier');
  const { number, row } = changing(call, place, store, leaseIdOf(call) ?? heldAnyway(call, place, store));
  store.blobs.describeInPlace(number, row, { ...propertiesOf(row), tier });
  return { status: 200 };
}

/** The tier of a leased blob may be set without the id. */
function heldAnyway(call: Call, place: Place, store: BlobStore): string | undefined {
  const container = store.containers.find(call.account, place.container);
  const row = container && store.blobs.find(container.number, place.blob);
  const lease = row && readLease(row.lease);
  return lease && (lease.until === undefined || lease.until > call.now) ? lease.id : undefined;
}

/** Delete Blob. */
export function deleteBlob(call: Call, place: Place, store: BlobStore): Answer {
  const snapshots = headerOf(call, 'x-ms-delete-snapshots');
  if (snapshots !== undefined && snapshots !== 'include' && snapshots !== 'only') {
    throw invalidHeader('x-ms-delete-snapshots', snapshots);
  }
  const { number, row } = changing(call, place, store, leaseIdOf(call));
  if (snapshots !== 'only') {
    store.blobs.remove(number, row);
    store.blocks.clear(number, place.blob);
  }
  return { status: 202, headers: { 'x-ms-delete-type-permanent': 'true' } };
}

/** Lease Blob. */
export function leaseBlob(call: Call, place: Place, store: BlobStore): Answer {
  const { number } = existingContainer(store, call, place.container);
  const row = store.blobs.find(number, place.blob);
  if (!row) throw blobNotFound();
  checkChange(call, row);
  const { lease, status, headers } = leaseCall(call, readLease(row.lease));
  store.blobs.setLease(number, row, lease ? JSON.stringify(lease) : null);
  return { status, headers: { ...versionHeaders(row), ...headers } };
}
