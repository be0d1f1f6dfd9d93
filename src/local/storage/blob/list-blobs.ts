import { escapeXml } from '../../../domain/xml-text.ts';
import { type Answer, xmlAnswer } from '../http/answer.ts';
import type { Call } from '../http/call.ts';
import { httpDate } from '../http/date.ts';
import { encodeMarker, listQuery, metadataElement, nameElement } from '../http/listing.ts';
import { elementText } from '../http/xml.ts';
import { type BlobRow, propertiesOf } from './blobs.ts';
import { leaseDurationElement, leaseState, readLease } from './lease.ts';
import { type BlobStore, existingContainer } from './store.ts';

/** Behind every name that begins as the one before it, but for names with this very character. */
const LAST = '\u{10ffff}';
/** Rows asked for at once where names are gathered under a delimiter. */
const STRIDE = 200;

interface Page {
  readonly items: readonly ({ prefix: string } | { row: BlobRow })[];
  readonly next: string | undefined;
}

/** List Blobs, flat or by a delimiter; the marker is the first name of the next page. */
export function listBlobs(call: Call, container: string, store: BlobStore): Answer {
  const { prefix, from, limit, head, include } = listQuery(call);
  const { number } = existingContainer(store, call, container);
  const delimiter = call.query.get('delimiter') ?? '';
  const rowsFrom: RowsFrom = include.has('uncommittedblobs')
    ? (name, count) => store.blobs.pageWithUncommitted(number, prefix, name, count)
    : (name, count) => store.blobs.page(number, prefix, name, count);
  const page =
    delimiter === ''
      ? flat(rowsFrom, from, limit)
      : gathered(rowsFrom, prefix.length, from, limit, delimiter);
  const shows = { metadata: include.has('metadata'), copy: include.has('copy'), now: call.now };
  const items = page.items.map((item) =>
    'prefix' in item ? `<BlobPrefix>${nameElement(item.prefix)}</BlobPrefix>` : blobElement(item.row, shows),
  );
  const endpoint = escapeXml(`http://${call.headers.host}/${call.account}/`);
  return xmlAnswer(
    `<EnumerationResults ServiceEndpoint="${endpoint}" ContainerName="${container}">${head}${
      delimiter === '' ? '' : `<Delimiter>${elementText(delimiter)}</Delimiter>`
    }<Blobs>${items.join('')}</Blobs><NextMarker>${
      page.next === undefined ? '' : encodeMarker(page.next)
    }</NextMarker></EnumerationResults>`,
  );
}

/** Rows of a container that begin with the prefix, in the order of their names, from one on. */
type RowsFrom = (name: string, count: number) => readonly BlobRow[];

function flat(rowsFrom: RowsFrom, from: string, limit: number): Page {
  const rows = rowsFrom(from, limit + 1);
  return { items: rows.slice(0, limit).map((row) => ({ row })), next: rows[limit]?.name };
}

/** Names up to the next delimiter are one item; the names behind it are stepped over, not read. */
function gathered(
  rowsFrom: RowsFrom,
  prefixLength: number,
  from: string,
  limit: number,
  delimiter: string,
): Page {
  const items: ({ prefix: string } | { row: BlobRow })[] = [];
  let at = from;
  let group: string | undefined;
  for (;;) {
    const rows = rowsFrom(at, STRIDE);
    let stepped = false;
    for (const row of rows) {
      if (group !== undefined && row.name.startsWith(group)) continue;
      if (items.length === limit) return { items, next: row.name };
      const cut = row.name.indexOf(delimiter, prefixLength);
      if (cut < 0) {
        items.push({ row });
        continue;
      }
      group = row.name.slice(0, cut + delimiter.length);
      items.push({ prefix: group });
      at = group + LAST;
      stepped = true;
      break;
    }
    if (stepped) continue;
    const last = rows.at(-1);
    if (!last || rows.length < STRIDE) return { items, next: undefined };
    // The least text behind the last name.
    at = `${last.name}\0`;
  }
}

const element = (name: string, value: string | undefined): string =>
  value === undefined ? '' : `<${name}>${escapeXml(value)}</${name}>`;

function blobElement(row: BlobRow, shows: { metadata: boolean; copy: boolean; now: number }): string {
  const properties = propertiesOf(row);
  const { copy } = properties;
  const lease = readLease(row.lease);
  const state = leaseState(lease, shows.now);
  const locked = state === 'leased' || state === 'breaking';
  return `<Blob>${nameElement(row.name)}<Properties><Creation-Time>${httpDate(row.created)}</Creation-Time><Last-Modified>${httpDate(
    row.modified,
  )}</Last-Modified>${row.etag === '' ? '' : `<Etag>${row.etag}</Etag>`}<Content-Length>${row.size}</Content-Length>${element(
    'Content-Type',
    properties.contentType ?? 'application/octet-stream',
  )}${element('Content-Encoding', properties.contentEncoding)}${element(
    'Content-Language',
    properties.contentLanguage,
  )}${element('Content-MD5', properties.contentMd5)}${element(
    'Content-Disposition',
    properties.contentDisposition,
  )}${element('Cache-Control', properties.cacheControl)}<BlobType>BlockBlob</BlobType><AccessTier>${
    properties.tier ?? 'Hot'
  }</AccessTier>${properties.tier === undefined ? '<AccessTierInferred>true</AccessTierInferred>' : ''}<LeaseStatus>${
    locked ? 'locked' : 'unlocked'
  }</LeaseStatus><LeaseState>${state}</LeaseState>${leaseDurationElement(lease, state)}<ServerEncrypted>false</ServerEncrypted>${
    shows.copy && copy
      ? `<CopyId>${copy.id}</CopyId><CopyStatus>success</CopyStatus>${element('CopySource', copy.source)}<CopyProgress>${row.size}/${row.size}</CopyProgress><CopyCompletionTime>${httpDate(copy.completed)}</CopyCompletionTime>`
      : ''
  }</Properties>${shows.metadata ? metadataElement(row.metadata) : ''}</Blob>`;
}
