import { escapeXml, UNFIT_FOR_XML } from '../../../domain/xml-text.ts';
import type { Call } from './call.ts';
import { numberQuery } from './number-query.ts';
import { invalidQuery } from './storage-error.ts';
import { elementText } from './xml.ts';

const PAGE = 5000;

interface ListQuery {
  readonly prefix: string;
  /** First name that may come. */
  readonly from: string;
  readonly limit: number;
  /** The query as answers repeat it. */
  readonly head: string;
  readonly include: ReadonlySet<string>;
}

/** Where the next page begins, with its length as a check: a marker that was cut or made up is refused. */
export function encodeMarker(next: string): string {
  const text = Buffer.from(next).toString('base64url');
  return `2!${text.length}!${text}`;
}

/** @returns undefined for what is none */
export function decodeMarker(marker: string): string | undefined {
  const [, length, text = ''] = /^2!(\d+)!([\w-]*)$/.exec(marker) ?? [];
  return length === undefined || Number(length) !== text.length
    ? undefined
    : Buffer.from(text, 'base64url').toString();
}

/** What a listing asks for. @throws {StorageError} */
export function listQuery(call: Call): ListQuery {
  const { query } = call;
  const prefix = query.get('prefix') ?? '';
  const marker = query.get('marker') ?? '';
  const start = marker === '' ? prefix : decodeMarker(marker);
  if (start === undefined) throw invalidQuery('marker', marker);
  const limit = numberQuery(call, 'maxresults', 1, Number.MAX_SAFE_INTEGER, undefined);
  return {
    prefix,
    from: start < prefix ? prefix : start,
    limit: Math.min(limit ?? PAGE, PAGE),
    head: [
      prefix === '' ? '' : `<Prefix>${elementText(prefix)}</Prefix>`,
      marker === '' ? '' : `<Marker>${elementText(marker)}</Marker>`,
      limit === undefined ? '' : `<MaxResults>${limit}</MaxResults>`,
    ].join(''),
    include: new Set((query.get('include') ?? '').split(',').map((name) => name.trim().toLowerCase())),
  };
}

/** @param metadata as JSON */
export function metadataElement(metadata: string): string {
  if (metadata === '{}') return '<Metadata />';
  const entries = Object.entries(JSON.parse(metadata) as Record<string, string>);
  return `<Metadata>${entries.map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`).join('')}</Metadata>`;
}

/** A name as an element; one that XML cannot carry is percent-encoded and says so. */
export const nameElement = (name: string): string =>
  UNFIT_FOR_XML.test(name)
    ? `<Name Encoded="true">${encodeURIComponent(name)}</Name>`
    : `<Name>${escapeXml(name)}</Name>`;
