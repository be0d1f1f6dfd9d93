import { randomUUID } from 'node:crypto';
import type { Answer } from '../http/answer.ts';
import { type Call, headerOf, metadataOf, readTarget } from '../http/call.ts';
import { invalidHeader, missingQuery, notImplemented, StorageError } from '../http/storage-error.ts';
import { propertiesGiven, refuseUnknown, tierGiven } from './blob-properties.ts';
import { type BlobRow, partsOf, propertiesOf } from './blobs.ts';
import { checkSource, checkWrite } from './conditions.ts';
import { cannotVerifyCopySource } from './errors.ts';
import { checkLease, readLease } from './lease.ts';
import { leaseIdOf } from './lease-call.ts';
import { checkMayReplace } from './may-replace.ts';
import { placeOf } from './place.ts';
import { addBlock, checkBlockId } from './put-calls.ts';
import { rangeOf } from './range.ts';
import { type BlobStore, existingContainer, type Place } from './store.ts';
import { versionHeaders } from './version-headers.ts';

/** The blob that `x-ms-copy-source` names, which must be of the same account. @throws {StorageError} */
function sourceOf(call: Call, store: BlobStore): { row: BlobRow; url: string } {
  const url = headerOf(call, 'x-ms-copy-source') ?? '';
  if (!URL.canParse(url)) throw invalidHeader('x-ms-copy-source', url);
  const { host, pathname, search } = new URL(url);
  const target = readTarget(`${pathname}${search}`);
  if (host !== call.headers.host || target.account !== call.account) {
    throw notImplemented('Copying from another account or address is');
  }
  if (target.query.has('snapshot') || target.query.has('versionid')) {
    throw notImplemented('Snapshots and versions are');
  }
  // Who signs with the account's key may read all of it; a signature for one place says nothing of the source.
  if (call.permit.permissions !== undefined) {
    store.permit({ ...call, ...target, method: 'GET', headers: { host: call.headers.host } });
  }
  const place = placeOf(target.rawResource);
  const container = store.containers.find(call.account, place.container);
  const row = container && store.blobs.find(container.number, place.blob);
  if (!row) throw cannotVerifyCopySource(404, 'The specified blob does not exist.');
  checkSource(call, row);
  return { row, url: url.split('?', 1)[0] ?? url };
}

/** Copy Blob, Copy Blob From URL and Put Blob From URL: within one account, bytes are shared, not copied. */
export function copyBlob(call: Call, place: Place, store: BlobStore): Answer {
  refuseUnknown(call);
  const metadata = metadataOf(call);
  const tier = tierGiven(call);
  const leaseId = leaseIdOf(call);
  const isPut = headerOf(call, 'x-ms-blob-type') !== undefined;
  const { number } = existingContainer(store, call, place.container);
  const { row, url } = sourceOf(call, store);
  const before = store.blobs.find(number, place.blob);
  checkMayReplace(call, before);
  checkWrite(call, before);
  checkLease(before && readLease(before.lease), leaseId, call.now, 'blob');
  const parts = partsOf(row);
  for (const { content } of parts) store.contents.share(content);
  store.blocks.clear(number, place.blob);
  const id = randomUUID();
  const { tier: sourceTier, copy: _copy, ...rest } = propertiesOf(row);
  const version = store.blobs.put(
    number,
    place.blob,
    before,
    {
      parts,
      metadata: Object.keys(metadata).length > 0 ? JSON.stringify(metadata) : row.metadata,
      properties: {
        ...rest,
        ...(isPut && propertiesGiven(call)),
        ...((tier ?? sourceTier) !== undefined && { tier: tier ?? sourceTier ?? '' }),
        ...(!isPut && { copy: { id, source: url, completed: call.now } }),
      },
    },
    call.now,
  );
  if (isPut) {
    return { status: 201, headers: { ...versionHeaders(version), 'x-ms-request-server-encrypted': 'false' } };
  }
  return {
    status: 202,
    headers: { ...versionHeaders(version), 'x-ms-copy-id': id, 'x-ms-copy-status': 'success' },
  };
}

/** Put Block From URL: a whole blob of one part; parts of parts would have to be copied. */
export function putBlockFromUrl(call: Call, place: Place, store: BlobStore): Answer {
  refuseUnknown(call);
  const block = call.query.get('blockid');
  if (block === undefined) throw missingQuery('blockid');
  checkBlockId(block);
  const { row } = sourceOf(call, store);
  const range = rangeOf(call, row.size, 'x-ms-source-range');
  const [part, ...more] = partsOf(row);
  const whole = !range || (range.start === 0 && range.end === row.size - 1);
  if (!part || more.length > 0 || !whole) throw notImplemented('A block from a part of another blob is');
  store.contents.share(part.content);
  addBlock(call, place, store, { block, content: part.content, size: part.size }, leaseIdOf(call));
  return { status: 201, headers: { 'x-ms-request-server-encrypted': 'false' } };
}

/** Abort Copy Blob: every copy is done when its answer is given. */
export function abortCopy(): never {
  throw new StorageError(409, 'NoPendingCopyOperation', 'There is currently no pending copy operation.');
}
