import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { type Answer, xmlAnswer } from '../http/answer.ts';
import { type Call, headerOf, metadataHeaders } from '../http/call.ts';
import { invalidHeader, invalidQuery } from '../http/storage-error.ts';
import { blobHeaders } from './blob-properties.ts';
import { type BlobRow, partsOf } from './blobs.ts';
import { checkRead } from './conditions.ts';
import { blobNotFound } from './errors.ts';
import { checkGivenLease, readLease } from './lease.ts';
import { leaseIdOf } from './lease-call.ts';
import { rangeOf } from './range.ts';
import { type BlobStore, existingContainer, type Place } from './store.ts';
import { versionHeaders } from './version-headers.ts';

/** The MD5 of a range is made for ranges up to this size. */
const RANGE_MD5_LIMIT = 4 * 1024 * 1024;

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
  const row = found(call, place, store);
  const range = rangeOf(call, row.size);
  const headers: Record<string, string | number> = {
    ...blobHeaders(row, call.now),
    ...metadataHeaders(row.metadata),
    ...call.permit.overrides,
  };
  if (!range) {
    headers['content-length'] = row.size;
    return { status: 200, headers, body: store.contents.read(partsOf(row), 0, row.size - 1) };
  }
  const size = range.end - range.start + 1;
  const whole = headers['content-md5'];
  delete headers['content-md5'];
  if (whole !== undefined) headers['x-ms-blob-content-md5'] = whole;
  headers['content-range'] = `bytes ${range.start}-${range.end}/${row.size}`;
  headers['content-length'] = size;
  if (wantsMd5(call) && size > RANGE_MD5_LIMIT) throw invalidHeader('x-ms-range-get-content-md5', 'true');
  return { status: 206, headers, body: store.contents.read(partsOf(row), range.start, range.end) };
}

const wantsMd5 = (call: Call): boolean =>
  headerOf(call, 'x-ms-range-get-content-md5')?.toLowerCase() === 'true';

/** Adds the MD5 of a range where one was asked for: its bytes are read whole, which their limit allows. */
export async function withRangeMd5(call: Call, answer: Answer): Promise<Answer> {
  if (answer.status !== 206 || answer.body === undefined || !wantsMd5(call)) return answer;
  const body =
    typeof answer.body === 'object' && !Buffer.isBuffer(answer.body)
      ? await buffer(answer.body)
      : answer.body;
  const digest = createHash('md5').update(body).digest('base64');
  return { ...answer, headers: { ...answer.headers, 'content-md5': digest }, body };
}

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
