import { createHash } from 'node:crypto';
import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { type ApiError, toProblem } from './problem.ts';
import { DATA_HEADERS } from './security-headers.ts';

/** Bytes as an operation gives them. */
export interface Bytes {
  bytes: Buffer;
  contentType: string;
  /** Without quotes. */
  etag: string;
  cacheControl: string;
  /** Saved under this name instead of shown. */
  saveAs?: string;
}

/** The caller has it already, and nothing had to be read to know that. */
export interface Unchanged {
  unchanged: true;
  /** Without quotes. */
  etag: string;
  cacheControl: string;
}

export const etagOf = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('base64url').slice(0, 27);

/** Whether the caller has this version (RFC 9110, 13.1.2; compared weakly, as GET does). */
export function hasVersion(request: Pick<HttpRequest, 'headers'>, etag: string): boolean {
  const given = request.headers.get('if-none-match');
  if (given === null) return false;
  return given
    .split(',')
    .map((one) => one.trim().replace(/^W\//, ''))
    .some((one) => one === '*' || one === `"${etag}"`);
}

/** JSON is checked with the server each time it is shown: private, and never shared by caches. */
export function jsonReply(request: HttpRequest, value: unknown, status = 200): HttpResponseInit {
  const body = JSON.stringify(value);
  const headers: Record<string, string> = { ...DATA_HEADERS, 'cache-control': 'private, no-cache' };
  if (request.method === 'GET') {
    const etag = etagOf(body);
    headers.etag = `"${etag}"`;
    if (hasVersion(request, etag)) return { status: 304, headers };
  }
  return { status, headers: { ...headers, 'content-type': 'application/json; charset=utf-8' }, body };
}

export function bytesReply(request: HttpRequest, given: Bytes | Unchanged): HttpResponseInit {
  const headers = {
    ...DATA_HEADERS,
    etag: `"${given.etag}"`,
    'cache-control': given.cacheControl,
  };
  if ('unchanged' in given || hasVersion(request, given.etag)) return { status: 304, headers };
  return {
    status: 200,
    headers: {
      ...headers,
      'content-type': given.contentType,
      'content-disposition': given.saveAs === undefined ? 'inline' : attachment(given.saveAs),
    },
    body: given.bytes,
  };
}

export function problemReply(error: ApiError): HttpResponseInit {
  return {
    status: error.status,
    headers: {
      ...DATA_HEADERS,
      ...error.headers,
      'content-type': 'application/problem+json; charset=utf-8',
      'cache-control': 'no-store',
    },
    body: JSON.stringify(toProblem(error)),
  };
}

/** RFC 6266 with RFC 8187: an ASCII name for the oldest, the real one for all others. */
function attachment(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
