import type { Answer } from '../http/answer.ts';
import { readBody } from '../http/body.ts';
import { type Call, headerOf, metadataOf } from '../http/call.ts';
import {
  invalidHeader,
  invalidXml,
  missingHeader,
  missingQuery,
  notImplemented,
} from '../http/storage-error.ts';
import { parseXml } from '../http/xml.ts';
import { propertiesGiven, refuseUnknown, tierGiven } from './blob-properties.ts';
import { type BlobPart, partsOf } from './blobs.ts';
import { checkWrite } from './conditions.ts';
import { blockCountExceeded, invalidBlobOrBlock, invalidBlockList, invalidMd5 } from './errors.ts';
import { checkLease, leaseAfterWrite, readLease } from './lease.ts';
import { leaseIdOf } from './lease-call.ts';
import { checkMayReplace } from './may-replace.ts';
import { receive } from './receive.ts';
import { type BlobStore, existingContainer, type Place } from './store.ts';
import { versionHeaders } from './version-headers.ts';

const MAX_BLOCKS = 50_000;
/** A list of the most blocks there may be, in XML. */
const LIST_LIMIT = 8 * 1024 * 1024;

/** Put Blob, of block blobs. */
export async function putBlob(call: Call, place: Place, store: BlobStore): Promise<Answer> {
  const type = headerOf(call, 'x-ms-blob-type');
  if (type === undefined) throw missingHeader('x-ms-blob-type');
  if (type === 'PageBlob' || type === 'AppendBlob') throw notImplemented('Page blobs and append blobs are');
  if (type !== 'BlockBlob') throw invalidHeader('x-ms-blob-type', type);
  refuseUnknown(call);
  const metadata = JSON.stringify(metadataOf(call));
  const given = propertiesGiven(call);
  if (given.contentMd5 !== undefined && Buffer.from(given.contentMd5, 'base64').length !== 16)
    throw invalidMd5();
  const tier = tierGiven(call);
  const leaseId = leaseIdOf(call);
  const plain = (name: string) => headerOf(call, name);
  const contentType = given.contentType ?? plain('content-type') ?? 'application/octet-stream';
  const contentEncoding = given.contentEncoding ?? plain('content-encoding');
  const contentLanguage = given.contentLanguage ?? plain('content-language');
  const cacheControl = given.cacheControl ?? plain('cache-control');
  const received = await receive(call, store.contents, store.state.at);
  return store.contents.committing(received, () => {
    const { number } = existingContainer(store, call, place.container);
    const before = store.blobs.find(number, place.blob);
    checkMayReplace(call, before);
    checkWrite(call, before);
    checkLease(before && readLease(before.lease), leaseId, call.now, 'blob');
    store.contents.keep(received);
    store.blocks.clear(number, place.blob);
    const version = store.blobs.put(
      number,
      place.blob,
      before,
      {
        metadata,
        parts: [received],
        properties: {
          ...given,
          contentType,
          ...(contentEncoding !== undefined && { contentEncoding }),
          ...(contentLanguage !== undefined && { contentLanguage }),
          ...(cacheControl !== undefined && { cacheControl }),
          contentMd5: given.contentMd5 ?? received.md5,
          ...(tier !== undefined && { tier }),
        },
      },
      call.now,
    );
    return {
      status: 201,
      headers: {
        ...versionHeaders(version),
        'content-md5': received.md5,
        ...(received.crc64 !== undefined && { 'x-ms-content-crc64': received.crc64 }),
        'x-ms-request-server-encrypted': 'false',
      },
    };
  });
}

/** Put Block. */
export async function putBlock(call: Call, place: Place, store: BlobStore): Promise<Answer> {
  refuseUnknown(call);
  const block = call.query.get('blockid');
  if (block === undefined) throw missingQuery('blockid');
  checkBlockId(block);
  const leaseId = leaseIdOf(call);
  const received = await receive(call, store.contents, store.state.at);
  return store.contents.committing(received, () => {
    addBlock(call, place, store, { block, content: received.content, size: received.size }, leaseId);
    store.contents.keep(received);
    return {
      status: 201,
      headers: {
        ...(received.crc64 === undefined
          ? { 'content-md5': received.md5 }
          : { 'x-ms-content-crc64': received.crc64 }),
        'x-ms-request-server-encrypted': 'false',
      },
    };
  });
}

/** @throws {StorageError} InvalidQueryParameterValue */
export function checkBlockId(block: string): void {
  const bytes = Buffer.from(block, 'base64');
  if (bytes.length === 0 || bytes.length > 64 || bytes.toString('base64') !== block)
    throw invalidBlobOrBlock();
}

/** Within the group commit; the content must be kept or counted by the caller. */
export function addBlock(
  call: Call,
  place: Place,
  store: BlobStore,
  block: { block: string; content: number; size: number },
  leaseId: string | undefined,
): void {
  const { number } = existingContainer(store, call, place.container);
  const blob = store.blobs.find(number, place.blob);
  checkLease(blob && readLease(blob.lease), leaseId, call.now, 'blob');
  const other = store.blocks.sample(number, place.blob);
  if (other !== undefined && other.length !== block.block.length) throw invalidBlobOrBlock();
  store.blocks.put(number, place.blob, block, call.now);
  const left = blob && leaseAfterWrite(blob.lease, call.now);
  if (blob && left !== blob.lease) store.blobs.setLease(number, blob, left ?? null);
}

/** Put Block List. */
export async function putBlockList(call: Call, place: Place, store: BlobStore): Promise<Answer> {
  refuseUnknown(call);
  const metadata = JSON.stringify(metadataOf(call));
  const given = propertiesGiven(call);
  const tier = tierGiven(call);
  const leaseId = leaseIdOf(call);
  const wanted = readList((await readBody(call, LIST_LIMIT)).toString('utf8'));
  return store.contents.change(() => {
    const { number } = existingContainer(store, call, place.container);
    const before = store.blobs.find(number, place.blob);
    checkMayReplace(call, before);
    checkWrite(call, before);
    checkLease(before && readLease(before.lease), leaseId, call.now, 'blob');
    const committed = new Map(
      (before ? partsOf(before) : []).flatMap((part) =>
        part.block === undefined ? [] : [[part.block, part]],
      ),
    );
    const uncommitted = new Map(store.blocks.all(number, place.blob).map((block) => [block.block, block]));
    const parts = wanted.map(({ block, from }): BlobPart => {
      const found =
        (from === 'Committed' ? undefined : uncommitted.get(block)) ??
        (from === 'Uncommitted' ? undefined : committed.get(block));
      if (!found) throw invalidBlockList();
      return { block, content: found.content, size: found.size };
    });
    for (const { content } of parts) store.contents.share(content);
    store.blocks.clear(number, place.blob);
    const properties = {
      contentType: 'application/octet-stream',
      ...given,
      ...(tier !== undefined && { tier }),
    };
    const version = store.blobs.put(number, place.blob, before, { metadata, parts, properties }, call.now);
    return {
      status: 201,
      headers: { ...versionHeaders(version), 'x-ms-request-server-encrypted': 'false' },
    };
  });
}

/** @throws {StorageError} InvalidXmlDocument, InvalidBlockList, BlockCountExceedsLimit */
function readList(xml: string): { block: string; from: string }[] {
  const root = parseXml(xml);
  if (root.name !== 'BlockList') throw invalidXml();
  if (root.children.length > MAX_BLOCKS) throw blockCountExceeded();
  return root.children.map(({ name, text }) => {
    if (!['Latest', 'Committed', 'Uncommitted'].includes(name)) throw invalidXml();
    return { block: text.trim(), from: name };
  });
}
