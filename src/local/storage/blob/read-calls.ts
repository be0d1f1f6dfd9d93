import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { type Answer, xmlAnswer } from '../http/answer.ts';
import { type Call, headerOf, metadataHeaders } from '../http/call.ts';
import { invalidHeader, invalidQuery } from '../http/storage-error.ts';
import { blobHeaders } from './blob-properties.ts';
import { type BlobRow, partsOf } from './blobs.ts';
import { checkRead } from './conditions.ts';
import { crc64Of } from './crc64.ts';
import { blobNotFound } from './errors.ts';
import { checkGivenLease, readLease } from './lease.ts';
import { leaseIdOf } from './lease-call.ts';
import { rangeOf } from './range.ts';
import { type BlobStore, existingContainer, type Place } from './store.ts';
import { versionHeaders } from './version-headers.ts';

/** The digest of a range is made for ranges up to this size. */
const RANGE_DIGEST_LIMIT = 4 * 1024 * 1024;

/** The blob of a read, its conditions checked. @throws {StorageError} */
function found(call: Call, place: Place, store: BlobStore): BlobRow {
  const leaseId = leaseIdOf(call);
  const { number } = existingContainer(store, call, place.container);
  const row = store.blobs.find(number, place.blob);
  if (!row) throw blobNotFound();
  checkRead(call, row);
  checkGivenLease(readLease(row.lease), leaseId, call.now, 'blob');
  return row;
}

/** Get Blob Properties, and Get Blob Metadata. */
export function headBlob(call: Call, place: Place, store: BlobStore): Answer {
  const row = found(call, place, store);
  return {
    status: 200,
    headers: {
      ...blobHeaders(row, call.now),
      'content-length': row.size,
      ...metadataHeaders(row.metadata),
      ...call.permit.overrides,
    },
  };
}

export function blobMetadata(call: Call, place: Place, store: BlobStore): Answer {
  const row = found(call, place, store);
  return { status: 200, headers: { ...versionHeaders(row), ...metadataHeaders(row.metadata) } };
}

/** Get Blob, whole or a range of it. */
export function getBlob(call: Call, place: Place, store: BlobStore): Answer {
  const digest = rangeDigestOf(call);
  const row = found(call, place, store);
  const range = rangeOf(call, row.size);
  const headers: Record<string, string | number> = {
    ...blobHeaders(row, call.now),
    ...metadataHeaders(row.metadata),
    ...call.permit.overrides,
  };
  if (!range) {
    if (digest) throw invalidHeader(digest.wanted, 'true');
    headers['content-length'] = row.size;
    return { status: 200, headers, body: store.contents.read(partsOf(row), 0, row.size - 1) };
  }
  const size = range.end - range.start + 1;
  const whole = headers['content-md5'];
  delete headers['content-md5'];
  if (whole !== undefined) headers['x-ms-blob-content-md5'] = whole;
  headers['content-range'] = `bytes ${range.start}-${range.end}/${row.size}`;
  headers['content-length'] = size;
  if (digest && size > RANGE_DIGEST_LIMIT) throw invalidHeader(digest.wanted, 'true');
  return { status: 206, headers, body: store.contents.read(partsOf(row), range.start, range.end) };
}

const RANGE_DIGESTS = [
  { wanted: 'x-ms-range-get-content-md5', told: 'content-md5' },
  { wanted: 'x-ms-range-get-content-crc64', told: 'x-ms-content-crc64' },
] as const;

/** The digest of a range that a read asks for. @throws {StorageError} where it asks for both */
function rangeDigestOf(call: Call): (typeof RANGE_DIGESTS)[number] | undefined {
  const [first, second] = RANGE_DIGESTS.filter(
    ({ wanted }) => headerOf(call, wanted)?.toLowerCase() === 'true',
  );
  if (second) throw invalidHeader(second.wanted, 'true');
  return first;
}

/** Adds the digest of a range where one was asked for: its bytes are read whole, which their limit allows. */
export async function withRangeDigest(call: Call, answer: Answer): Promise<Answer> {
  const digest = rangeDigestOf(call);
  if (!digest || answer.status !== 206 || answer.body === undefined) return answer;
  const body =
    typeof answer.body === 'object' && !Buffer.isBuffer(answer.body)
      ? await buffer(answer.body)
      : Buffer.from(answer.body);
  const value = digest.told === 'content-md5' ? md5Of(body) : crc64Of(body);
  return { ...answer, headers: { ...answer.headers, [digest.told]: value }, body };
}

const md5Of = (bytes: Buffer): string => createHash('md5').update(bytes).digest('base64');

/** Get Block List. */
export function blockList(call: Call, place: Place, store: BlobStore): Answer {
  const type = call.query.get('blocklisttype')?.toLowerCase() ?? 'committed';
  if (!['committed', 'uncommitted', 'all'].includes(type)) throw invalidQuery('blocklisttype', type);
  const leaseId = leaseIdOf(call);
  const { number } = existingContainer(store, call, place.container);
  const row = store.blobs.find(number, place.blob);
  const waiting = store.blocks.all(number, place.blob);
  if (!row && waiting.length === 0) throw blobNotFound();
  checkGivenLease(row && readLease(row.lease), leaseId, call.now, 'blob');
  const element = ({ block, size }: { block?: string; size: number }) =>
    block === undefined ? '' : `<Block><Name>${block}</Name><Size>${size}</Size></Block>`;
  const list = (name: string, blocks: readonly { block?: string; size: number }[]) =>
    blocks.length === 0 ? `<${name} />` : `<${name}>${blocks.map(element).join('')}</${name}>`;
  const committed = row ? partsOf(row) : [];
  return xmlAnswer(
    `<BlockList>${type === 'uncommitted' ? '' : list('CommittedBlocks', committed)}${
      type === 'committed' ? '' : list('UncommittedBlocks', waiting)
    }</BlockList>`,
    {
      ...(row && versionHeaders(row)),
      'x-ms-blob-content-length': row?.size ?? 0,
    },
  );
}
