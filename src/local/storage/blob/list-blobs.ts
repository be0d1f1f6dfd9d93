import { escapeXml } from '../../../domain/xml-text.ts';
import { type Answer, XML_HEAD, XML_TYPE } from '../http/answer.ts';
import type { Call } from '../http/call.ts';
import { httpDate } from '../http/date.ts';
import { encodeMarker, listQuery, metadataElement, nameElement } from '../http/listing.ts';
import { TextPieces } from '../http/text-pieces.ts';
import { elementText } from '../http/xml.ts';
import { type BlobRow, propertiesOf } from './blobs.ts';
import { leaseDurationElement, leaseState, readLease } from './lease.ts';
import { type BlobStore, existingContainer } from './store.ts';

/** Behind every name that begins as the one before it, but for names with this very character. */
const LAST = '\u{10ffff}';
/** Rows asked for at once where names are gathered under a delimiter. */
const STRIDE = 200;

type Item = { readonly prefix: string } | { readonly row: BlobRow };

/** List Blobs, flat or by a delimiter; the marker is the first name of the next page. */
export function listBlobs(call: Call, container: string, store: BlobStore): Answer {
  const { prefix, from, limit, head, include } = listQuery(call);
  const { number } = existingContainer(store, call, container);
  const delimiter = call.query.get('delimiter') ?? '';
  const rowsFrom: RowsFrom = include.has('uncommittedblobs')
    ? (name, count) => store.blobs.pageWithUncommitted(number, prefix, name, count)
    : (name, count) => store.blobs.page(number, prefix, name, count);
  const shows = { metadata: include.has('metadata'), copy: include.has('copy'), now: call.now };
  const endpoint = escapeXml(`http://${call.headers.host}/${call.account}/`);
  const text = new TextPieces(
    `${XML_HEAD}<EnumerationResults ServiceEndpoint="${endpoint}" ContainerName="${container}">${head}${
      delimiter === '' ? '' : `<Delimiter>${elementText(delimiter)}</Delimiter>`
    }<Blobs>`,
  );
  const add = (item: Item): void =>
    text.add(
      'prefix' in item
        ? `<BlobPrefix>${nameElement(item.prefix)}</BlobPrefix>`
        : blobElement(item.row, shows),
    );
  const next =
    delimiter === ''
      ? flat(rowsFrom, from, limit, add)
      : gathered(rowsFrom, prefix.length, from, limit, delimiter, add);
  text.add(
    `</Blobs><NextMarker>${next === undefined ? '' : encodeMarker(next)}</NextMarker></EnumerationResults>`,
  );
  return { status: 200, headers: { 'content-type': XML_TYPE }, body: text.bytes() };
}

/** Rows of a container that begin with the prefix, in the order of their names, from one on. */
type RowsFrom = (name: string, count: number) => Iterable<BlobRow>;

/** @returns the first name of the next page */
function flat(
  rowsFrom: RowsFrom,
  from: string,
  limit: number,
  add: (item: Item) => void,
): string | undefined {
  let count = 0;
  for (const row of rowsFrom(from, limit + 1)) {
    if (count === limit) return row.name;
    add({ row });
    count += 1;
  }
  return undefined;
}

/** Names up to the next delimiter are one item; the names behind it are stepped over, not read. */
function gathered(
  rowsFrom: RowsFrom,
  prefixLength: number,
  from: string,
  limit: number,
  delimiter: string,
  add: (item: Item) => void,
): string | undefined {
  let [at, count] = [from, 0];
  let group: string | undefined;
  for (;;) {
    let read = 0;
    let last: string | undefined;
    let stepped = false;
    for (const row of rowsFrom(at, STRIDE)) {
      read += 1;
      last = row.name;
      if (group !== undefined && row.name.startsWith(group)) continue;
      if (count === limit) return row.name;
      count += 1;
      const cut = row.name.indexOf(delimiter, prefixLength);
      if (cut < 0) {
        add({ row });
        continue;
      }
      group = row.name.slice(0, cut + delimiter.length);
      add({ prefix: group });
      at = group + LAST;
      stepped = true;
      break;
    }
    if (stepped) continue;
    if (last === undefined || read < STRIDE) return undefined;
    // The least text behind the last name.
    at = `${last}\0`;
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
